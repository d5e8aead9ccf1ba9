-- Fast path for the most frequent batches: a single get, set, increment of a counter without bounds, acquisition or release
-- of a lock. The part after this one applies it in the simple case. Otherwise the script does nothing and returns false,
-- and batch.lua has to handle the batch.
-- KEYS[1] the record of the lane's last batch, see memory.lua
-- KEYS[2…] those of the operation
-- ARGV[1] the sequence number of the batch in its lane, with leading zeros, because it is compared as text
-- ARGV[2] the deadline, in milliseconds of this server's clock
-- ARGV[3] 'renew' to renew the expiry of the record; '' if that was done recently
-- ARGV[4…] the arguments of the operation
-- Returns as batch.lua

local memory = redis.call('GET', KEYS[1])
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 > ARGV[2] + 0 or memory and memory >= ARGV[1] then
  return false
end
