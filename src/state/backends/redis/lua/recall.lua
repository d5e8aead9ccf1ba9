-- Reads the record of a lane's last batch, see batch.lua.
-- KEYS[1] the record of the lane
-- Returns this server's time, from which clients derive whether the batch would still be remembered; then nothing, or
-- the sequence number of the batch and the results of its writing operations

local memory = redis.call('GET', KEYS[1])
if not memory then
  return {now}
end
local reply = recall(memory)
table.insert(reply, 1, tonumber(string.match(memory, '^%d+')))
table.insert(reply, 1, now)
return reply
