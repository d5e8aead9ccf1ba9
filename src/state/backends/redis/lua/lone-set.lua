-- KEYS[2] the value; KEYS[3] its time to live
-- ARGV[4] the value; ARGV[5] its time to live in milliseconds or ''; ARGV[6] a text that is not replaced, or ''
-- Its result is 1.

local length = redis.pcall('STRLEN', KEYS[2])
if type(length) ~= 'number' or length > 0 and length == #ARGV[6] then
  return false
end
local result = 1
if ARGV[5] == '' then
  if redis.pcall('SET', KEYS[2], ARGV[4]).err then
    return false
  end
  redis.call('DEL', KEYS[3])
else
  if redis.pcall('SET', KEYS[2], ARGV[4], 'PX', ARGV[5]).err then
    return false
  end
  redis.call('SET', KEYS[3], ARGV[5], 'PX', ARGV[5])
end
local record = '=' .. result
