-- KEYS[2…] and ARGV[4] as those of lockRelease, see locks.lua. Nobody waits for the lock.

local lock = redis.pcall('GET', KEYS[2]) or ''
if type(lock) ~= 'string' or redis.call('EXISTS', KEYS[3]) == 1 then
  return false
end
local result = 0
if string.match(lock, '^%d+ %d+ (.+)$') == ARGV[4] then
  result = redis.call('DEL', KEYS[2])
end
redis.call('HDEL', KEYS[6], ARGV[4])
local record = '=' .. result
