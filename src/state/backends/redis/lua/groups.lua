-- Consumer groups of streams; see streams.lua. An event that a group has taken and not acknowledged is pending for
-- one of its members.

-- The maximum number of offsets in one command.
local MAX_POSITIONS = 100

-- Returns the last offset that a group has taken; nil if the group does not exist.
local function taken_by(key, group)
  if redis.call('EXISTS', key) == 0 then
    return nil
  end
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local facts = described(reply)
    if facts.name == group then
      return facts['last-delivered-id']
    end
  end
end

-- Removes the pending events of a member up to an offset with `take_away`. Returns their number.
local function clear_pending(key, group, member, last, take_away)
  local count = 0
  repeat
    local offsets = {}
    local pending = redis.call('XPENDING', key, group, '-', last, MAX_POSITIONS, member)
    for index, facts in ipairs(pending) do
      offsets[index] = facts[1]
    end
    if #offsets > 0 then
      take_away(offsets)
    end
    count = count + #offsets
  until #offsets < MAX_POSITIONS
  return count
end

-- Removes pending events of a member that were trimmed from the stream. Returns their number.
local function drop_missing(key, group, member)
  local oldest = oldest_of(key)
  local last = oldest and moved(oldest[1], -1) or '+'
  return clear_pending(key, group, member, last, function(offsets)
    redis.call('XACK', key, group, unpack(offsets))
  end)
end

-- Returns an iterator over the pending events of a member after an offset, for collect().
local function pending_for(key, group, member)
  return function(after, count)
    local entries = {}
    local pending = redis.call('XPENDING', key, group, moved(after, 1), '+', count, member)
    for _, facts in ipairs(pending) do
      entries[#entries + 1] = redis.call('XRANGE', key, facts[1], facts[1])[1]
    end
    return entries
  end
end

-- Acknowledges entries of other programs, which no member can handle.
local function acknowledge(key, group, offsets)
  for _, offset in ipairs(offsets) do
    redis.call('XACK', key, group, offset)
  end
end

-- Arguments: group. Returns 1 if the group is new, otherwise 0.
arguments.groupJoin = 1
function operations.groupJoin(k, a)
  local key = KEYS[k]
  if taken_by(key, ARGV[a]) then
    return 0
  end
  local made = attempt(key, 'XGROUP', 'CREATE', key, ARGV[a], '$', 'MKSTREAM')
  return is_failure(made) and made or 1
end

-- Arguments: group, member, maximum number of events, 'again' for pending events or ''.
-- Returns the number of missed events, and offset, event, offset, event, …
arguments.groupTake = 4
function operations.groupTake(k, a)
  local key, group, member, count = KEYS[k], ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2])
  local taken = taken_by(key, group)
  if not taken then
    taken = '0-0'
    local made = attempt(key, 'XGROUP', 'CREATE', key, group, taken, 'MKSTREAM')
    if is_failure(made) then
      return made
    end
  end
  if ARGV[a + 3] == 'again' then
    local reply = {drop_missing(key, group, member)}
    local _, foreign = collect(reply, count, '0-0', pending_for(key, group, member))
    acknowledge(key, group, foreign)
    return reply
  end
  local reply = {0}
  local found, foreign, first = collect(reply, count, taken, following(key))
  if found > 0 then
    redis.call('XREADGROUP', 'GROUP', group, member, 'COUNT', found, 'STREAMS', key, '>')
    acknowledge(key, group, foreign)
    reply[1] = math.max(0, number_of(first) - number_of(taken) - 1)
  end
  return reply
end

-- Arguments: group, offsets as JSON. Returns how many were pending.
arguments.groupDone = 2
function operations.groupDone(k, a)
  local done = 0
  for _, offset in ipairs(cjson.decode(ARGV[a + 1])) do
    done = done + redis.call('XACK', KEYS[k], ARGV[a], offset)
  end
  return done
end

-- Arguments: group. Returns its members.
arguments.groupMembers = 1
reads.groupMembers = true
function operations.groupMembers(k, a)
  local members = {}
  if taken_by(KEYS[k], ARGV[a]) then
    for index, reply in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[k], ARGV[a])) do
      members[index] = described(reply).name
    end
  end
  return members
end

-- Arguments: group, member, dead members as JSON. Returns the number of inherited and of missed events.
arguments.groupInherit = 3
function operations.groupInherit(k, a)
  local key, group, member = KEYS[k], ARGV[a], ARGV[a + 1]
  local inherited, missed = 0, 0
  if not taken_by(key, group) then
    return {inherited, missed}
  end
  for _, dead in ipairs(cjson.decode(ARGV[a + 2])) do
    missed = missed + drop_missing(key, group, dead)
    inherited = inherited + clear_pending(key, group, dead, '+', function(offsets)
      local words = {'XCLAIM', key, group, member, 0, unpack(offsets)}
      words[#words + 1] = 'JUSTID'
      redis.call(unpack(words))
    end)
    redis.call('XGROUP', 'DELCONSUMER', key, group, dead)
  end
  return {inherited, missed}
end

-- Arguments: group, member. Returns 1 if nothing is pending for the member, otherwise 0.
arguments.groupLeave = 2
function operations.groupLeave(k, a)
  local key, group, member = KEYS[k], ARGV[a], ARGV[a + 1]
  if not taken_by(key, group) then
    return 1
  elseif redis.call('XPENDING', key, group, '-', '+', 1, member)[1] then
    return 0
  end
  redis.call('XGROUP', 'DELCONSUMER', key, group, member)
  return 1
end
