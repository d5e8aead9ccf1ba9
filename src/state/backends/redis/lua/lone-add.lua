-- KEYS[2] the counter; KEYS[3] its time to live
-- ARGV[4] the increment
-- Its result is the new value.

-- Not GET, which fails if the key has another type.
local life = redis.call('MGET', KEYS[3])[1]
if life and redis.call('PTTL', KEYS[2]) > (tonumber(life) or 0) then
  return false
end
local result = redis.pcall('INCRBY', KEYS[2], ARGV[4])
if type(result) ~= 'number' then
  return false
end
-- Lua prints at most 14 digits of a number.
if result > 1e14 or result < -1e14 then
  redis.call('DECRBY', KEYS[2], ARGV[4])
  return false
end
local record = '=' .. result
