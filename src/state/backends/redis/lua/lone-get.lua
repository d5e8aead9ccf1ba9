-- As lone.lua, for a single get, which has no deadline and is not remembered.
-- KEYS[2] the value; KEYS[3] its time to live

local time = redis.call('TIME')
local result, life = unpack(redis.call('MGET', KEYS[2], KEYS[3]))
-- A key of another type has no text either.
if not result and type(redis.pcall('GET', KEYS[2])) == 'table' then
  return false
elseif result and #result > MAX_RESULT then
  return false
elseif life and redis.call('PTTL', KEYS[2]) > (tonumber(life) or 0) then
  return false
end
return {time[1] * 1000 + time[2] / 1000, result}
