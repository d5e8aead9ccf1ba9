-- Applies the operations of a batch in their order, and each batch only once.
-- KEYS[1]  the record of the lane's last batch, see memory.lua
-- KEYS[2…] the keys of the operations, in their order
-- ARGV[1]  the sequence number of the batch in its lane, with leading zeros
-- ARGV[2]  the deadline, in milliseconds of this server's clock
-- ARGV[3]  'renew' to renew the expiry of the record; '' if that was done recently
-- ARGV[4…] the name and the arguments of each operation; '"' stands for those of the operation before
-- Returns this server's time and the result of each operation; only the time if the batch was not applied and never
-- will be. The result of a read is "!deferred" if it has to go into another batch, and "!large" with its size and the
-- limit if it is too large.

-- The reads of a batch together; a single larger result is read alone.
local MAX_READ = 4194304

-- Returns the bytes of a result in the reply, approximately.
local function size_of_result(result)
  if type(result) == 'string' then
    return #result
  elseif type(result) ~= 'table' then
    return 0
  end
  local bytes = 0
  for i = 1, #result do
    bytes = bytes + 16 + (type(result[i]) == 'string' and #result[i] or 0)
  end
  return bytes
end

local memory = redis.call('GET', KEYS[1])
local remembered
if memory then
  local last = tonumber(string.match(memory, '^%d+'))
  local sequence = tonumber(ARGV[1])
  if last > sequence then
    return {now}
  elseif last == sequence then
    remembered = recall(memory)
    -- A write, because WAIT only waits for replicas to confirm the writes of this connection.
    redis.call('PEXPIRE', KEYS[1], LANE_MILLISECONDS)
  end
end
if not remembered and now > tonumber(ARGV[2]) then
  return {now}
end

local reply, results, writes = {now}, {}, false
local read, is_full = 0, false
local k, a, n = 2, 4, 1
local name, first
while ARGV[a] do
  if ARGV[a] == '"' then
    a = a + 1
  else
    name, first = ARGV[a], a + 1
    a = first + arguments[name]
  end
  local result
  if remembered and not reads[name] then
    result = remembered[n]
  elseif is_full and reads[name] then
    result = '!deferred'
  else
    -- The failure of one operation must not affect the others.
    local is_done
    is_done, result = pcall(operations[name], k, first)
    if failed(result) then
      result = refusal(result.err)
    elseif not is_done then
      -- Before Redis 7, errors are strings.
      result = refusal(tostring(result))
    end
  end
  if reads[name] and not is_full then
    local bytes = size_of_result(result)
    if bytes > MAX_RESULT then
      result = '!large ' .. bytes .. ' ' .. MAX_RESULT
    elseif read > 0 and read + bytes > MAX_READ then
      result, is_full = '!deferred', true
    end
    read = read + bytes
  end
  reply[n + 1] = result
  if reads[name] then
    results[n] = false
  else
    results[n] = result
    writes = true
  end
  k, n = k + (keys[name] or 1), n + 1
end
if writes and not remembered then
  local record = ARGV[1] .. ' ' .. cmsgpack.pack(results)
  local stored
  if memory and ARGV[3] == '' then
    stored = redis.pcall('SET', KEYS[1], record, 'KEEPTTL')
  else
    stored = redis.pcall('SET', KEYS[1], record, 'PX', LANE_MILLISECONDS)
  end
  -- A full server refuses only the first write of a script. If it refuses this one, no operation has written
  -- anything, and there is nothing to remember.
  if failed(stored) and not string.find(refusal(stored.err), '^!full') then
    return stored
  end
end
return reply
