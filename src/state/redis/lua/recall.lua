-- What a lane remembers of its last batch, see batch.lua.
--
-- KEYS[1] the memory of the lane
--
-- Returns false; else the sequence of the batch, and what came of each operation that changed something

local memory = redis.call('GET', KEYS[1])
if not memory then
  return false
end
local sequence, results = string.match(memory, '^(%d+) (.*)$')
local reply = cmsgpack.unpack(results)
table.insert(reply, 1, tonumber(sequence))
return reply
