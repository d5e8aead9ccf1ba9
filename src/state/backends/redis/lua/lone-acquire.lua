-- KEYS[2…] and ARGV[4…] as those of lockAcquire, see locks.lua. Nobody has the lock or waits for it.

if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then
  return false
end
local last = redis.pcall('GET', KEYS[5])
if last and (type(last) ~= 'string' or not string.find(last, '^[1-9]%d*$')) then
  return false
end
local token = string.format('%.0f', math.max((last or 0) + 1, time[1] * 1000000 + time[2]))
-- A full server refuses only the first write of a script.
if redis.pcall('SET', KEYS[5], token).err then
  return false
end
redis.call('SET', KEYS[2], token .. ' ' .. ARGV[6] .. ' ' .. ARGV[5], 'PX', ARGV[6])
redis.call('HSET', KEYS[6], ARGV[5], ARGV[4])
redis.call('PEXPIRE', KEYS[6], 3600000)
local result = {'token', token}
local record = ' ' .. cmsgpack.pack({result})
