-- KEYS[2] the counter
-- ARGV[4] the increment
-- Its result is the new value. Only batch.lua checks the time to live.

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
