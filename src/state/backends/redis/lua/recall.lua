-- What a lane remembers of its last batch, see batch.lua.
--
-- KEYS[1] the memory of the lane
--
-- Returns this server's time, by which clients tell whether it would be remembered; then nothing, or the sequence
-- of the batch, and what came of each operation that changed something

local memory = redis.call('GET', KEYS[1])
if not memory then
  return {now}
end
local reply = recall(memory)
table.insert(reply, 1, tonumber(string.match(memory, '^%d+')))
table.insert(reply, 1, now)
return reply
