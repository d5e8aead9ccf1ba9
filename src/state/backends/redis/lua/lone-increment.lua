-- Fast path for the most frequent batch: a single increment of a counter without bounds. Applies it in the simple
-- case, and otherwise does nothing.
-- KEYS[1] the record of the lane's last batch, see memory.lua
-- KEYS[2] the counter; KEYS[3] its time to live, which only batch.lua checks
-- ARGV[1] the sequence number of the batch in its lane, with leading zeros, because it is compared as text
-- ARGV[2] the deadline, in milliseconds of this server's clock
-- ARGV[3] 'renew' to renew the expiry of the record; '' if that was done recently
-- ARGV[4] the increment
-- Returns the new value; false if batch.lua has to handle the batch

local memory = redis.call('GET', KEYS[1])
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 > ARGV[2] + 0 or memory and memory >= ARGV[1] then
  return false
end
local total = redis.pcall('INCRBY', KEYS[2], ARGV[4])
if type(total) ~= 'number' then
  return false
end
-- Lua prints at most 14 digits of a number.
if total > 1e14 or total < -1e14 then
  redis.call('DECRBY', KEYS[2], ARGV[4])
  return false
end
if memory and ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[1] .. '=' .. total, 'KEEPTTL')
else
  redis.call('SET', KEYS[1], ARGV[1] .. '=' .. total, 'PX', '4200000')
end
return total
