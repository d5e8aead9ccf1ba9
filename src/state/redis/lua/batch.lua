-- Carries out the operations of a batch in their order, and the same batch once only.
--
-- KEYS[1]  what the lane remembers of its last batch: "sequence results"
-- KEYS[2…] the keys of the operations, in their order
-- ARGV[1]  the sequence of the batch in its lane
-- ARGV[2]  when it is too late, in milliseconds of this server's clock
-- ARGV[3…] name and arguments of each operation
--
-- Returns this server's time, and what came of each operation; the time alone if the batch was not carried
-- out, and never will be.

-- KEYS and arguments of each operation; those that change nothing are not remembered, but done again.
local SHAPES = {
  get = {1, 0, true}, has = {1, 0, true}, set = {1, 2}, setIfAbsent = {1, 2}, replace = {1, 3},
  delete = {1, 1}, add = {1, 1}, increment = {1, 7},
  mapGet = {1, 1, true}, mapHas = {1, 1, true}, mapSet = {1, 2}, mapDelete = {1, 1},
  mapIncrement = {1, 2}, mapEntries = {1, 0, true}, mapSize = {1, 0, true},
  scoreSet = {1, 2}, scoreIncrement = {1, 2}, scoreRemove = {1, 1}, scoreGet = {1, 1, true},
  scoreRank = {1, 1, true}, scoreTop = {1, 1, true}, scoreSize = {1, 0, true},
  hit = {2, 4},
  lockAcquire = {5, 6}, lockRenew = {5, 2}, lockRelease = {5, 3}, lockHeld = {1, 0, true},
}

local sequence = tonumber(ARGV[1])
local memory = redis.call('GET', KEYS[1])
local remembered
if memory then
  local last, results = string.match(memory, '^(%d+) (.*)$')
  if tonumber(last) > sequence then
    return {now_ms()}
  elseif tonumber(last) == sequence then
    remembered = cmsgpack.unpack(results)
  end
end
if not remembered and now_ms() > tonumber(ARGV[2]) then
  return {now_ms()}
end

local reply, results, writes = {now_ms()}, {}, false
local k, a, n = 2, 3, 1
while ARGV[a] do
  local shape = SHAPES[ARGV[a]]
  if shape[3] then
    reply[n + 1] = operations[ARGV[a]](k, a + 1)
    results[n] = false
  else
    if remembered then
      reply[n + 1] = remembered[n]
    else
      -- What one operation runs into must not undo what others have been told.
      local _, result = pcall(operations[ARGV[a]], k, a + 1)
      reply[n + 1] = failed(result) and '!backend ' .. result.err or result
    end
    results[n] = reply[n + 1]
    writes = true
  end
  k, a, n = k + shape[1], a + shape[2] + 1, n + 1
end
if writes and not remembered then
  redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. cmsgpack.pack(results), 'PX', 3600000)
end
return reply
