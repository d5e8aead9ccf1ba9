-- What operators do with topic logs and groups; see streams.lua.

local function groups_of(key)
  local groups = {}
  for index, reply in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    groups[index] = described(reply)
  end
  return groups
end

-- Returns the number of events, the newest offset, and name, number of pending and number of waiting events of each
-- group; false if the log does not exist.
arguments.historyFacts = 0
reads.historyFacts = true
function operations.historyFacts(k)
  local key = KEYS[k]
  if redis.call('EXISTS', key) == 0 then
    return false
  end
  local length, newest = redis.call('XLEN', key), newest_of(key)
  local last = newest and newest[1] or '0-0'
  local reply = {length, last}
  for _, group in ipairs(groups_of(key)) do
    reply[#reply + 1] = group.name
    reply[#reply + 1] = group.pending
    reply[#reply + 1] = math.max(0, math.min(length, number_of(last) - number_of(group['last-delivered-id'])))
  end
  return reply
end

-- Returns 1, or 0 if there was no log.
arguments.historyDelete = 0
function operations.historyDelete(k)
  return redis.call('DEL', KEYS[k])
end

-- Arguments: group. Returns 1, or 0 if there was no such group.
arguments.groupDelete = 1
function operations.groupDelete(k, a)
  if redis.call('EXISTS', KEYS[k]) == 0 then
    return 0
  end
  return redis.call('XGROUP', 'DESTROY', KEYS[k], ARGV[a])
end
