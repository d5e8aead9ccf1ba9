-- The shortest way for the most frequent batch: one increment by a caller who is alone, of a counter
-- without bounds of its own. Carries it out if nothing stands in its way, and else does nothing.
--
-- KEYS[1] what the lane remembers of its last batch, see memory.lua
-- KEYS[2] the counter; KEYS[3] its time to live, which batch.lua looks at now and then
-- ARGV[1] the sequence of the batch in its lane, with zeros in front: as a text, it is compared as one
-- ARGV[2] when it is too late, in milliseconds of this server's clock
-- ARGV[3] 'renew' for the lane to be remembered for its whole time again; '' if that was said lately
-- ARGV[4] by
--
-- Returns the new value; false if it is for batch.lua to see what is the matter

local memory = redis.call('GET', KEYS[1])
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 > ARGV[2] + 0 or memory and memory >= ARGV[1] then
  return false
end
local total = redis.pcall('INCRBY', KEYS[2], ARGV[4])
if type(total) ~= 'number' then
  return false
end
-- As a text, a number has fourteen digits.
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
