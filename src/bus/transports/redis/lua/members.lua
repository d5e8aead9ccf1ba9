-- The members of the bus.
--
-- KEYS     1 hash of members and their announced data, 2 sorted set of members by the end of their lease,
--          3 the channel for changes, 4 the time of the last call of any member, 5 the version of the hash: a number that
--          is greater after each change, 6 the time at which the hash was created, 7 exists while members restore it,
--          8 a version, and the digest of the hash with this version, 9 exists while late members are not removed, and for
--          some time afterwards: the milliseconds of that time, 10 sorted set of the latest changes: '<version>:<member>'
--          by the version
-- ARGV     1 the action, 2 the command to publish with, 3 the lease of a member in milliseconds, 4 the member,
--          5 its announced data, 6 milliseconds without any call after which all leases restart, because no member
--          could renew its lease; for "list", 4 the version and 5 the digest of what the caller knows,
--          and 7 the cursor of the page; 8 the number of members that the caller knows, 9 the time of creation of the
--          hash that it knows, or '', and 10 from how many members on they restore the hash silently
-- Returns  for "list", a page of the names of the members and their data, alternating, and at the end the version, the
--          cursor of the next page: 0 if there is none, '' if these are changes of what the caller knows, with '' as the
--          data of a member that has left, up to the version, '+' if there are more of them; then the time of creation, and the milliseconds after which the caller must read the list again, or 0. For "announce", the time
--          of creation. Otherwise 1, or 0 if the stored data of the member differs

local now = redis.call('TIME')
local now_microseconds = now[1] * 1000000 + now[2]
now = now[1] * 1000 + math.floor(now[2] / 1000)

local function set_version(version)
  version = string.format('%.0f', version)
  redis.call('SET', KEYS[5], version, 'PX', 600000)
  return version
end

-- A version that is not there any more must not come again, so the first one is the time.
local function get_version()
  local version = redis.call('GET', KEYS[5])
  return version and string.match(version, '^%d+$') or set_version(now_microseconds)
end

local function last_change()
  return string.match(redis.call('ZREVRANGE', KEYS[10], 0, 0)[1] or '', '^%d+')
end

-- Gives the hash another version, and remembers which member has changed. Returns the versions before and after it.
local function change(member)
  local before = get_version()
  -- If the clock is far behind, a server that has lost the last changes must not use their versions again.
  local step = before - now_microseconds > 1000000 and 1 + now_microseconds % 1000 or 1
  local version = set_version(math.max(before + step, now_microseconds))
  -- Each change must follow another one, so that none is missing.
  if last_change() ~= before then
    redis.call('DEL', KEYS[10])
    redis.call('ZADD', KEYS[10], before, before .. ':')
  end
  redis.call('ZADD', KEYS[10], version, version .. ':' .. member)
  redis.call('ZREMRANGEBYRANK', KEYS[10], 0, -2001)
  redis.call('PEXPIRE', KEYS[10], 600000)
  return before, version
end

-- Tells all members what has changed: a property in JSON. With the versions, they notice if they have missed a change.
local function tell(before, version, what)
  redis.call(ARGV[2], KEYS[3], '{"before":' .. before .. ',"version":' .. version .. ',' .. what .. '}')
end

local function tell_left(members)
  local first, last
  for _, member in ipairs(members) do
    local before, version = change(member)
    first = first or before
    last = version
  end
  tell(first, last, '"left":' .. cjson.encode(#members == 1 and members[1] or members))
end

local function remove(member)
  redis.call('ZREM', KEYS[2], member)
  return redis.call('HDEL', KEYS[1], member)
end

-- A full server refuses a script whose first write needs memory, but no later writes. The registry needs little
-- memory, and without it members would be considered dead. So the first write needs none.
redis.call('PEXPIRE', KEYS[4], 600000)
redis.call('PEXPIRE', KEYS[5], 600000)
redis.call('PEXPIRE', KEYS[6], 600000)

local beat = tonumber(redis.call('GET', KEYS[4]) or now) or now
-- After this time, all earlier members have gone.
redis.call('SET', KEYS[4], now, 'PX', 600000)
-- A lease that ends later than a new one would was given before the clock was set back, or is invalid.
local longest = now + ARGV[3]
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. longest, '+inf')) do
  redis.call('ZADD', KEYS[2], longest, member)
end
local is_silent = now - beat > tonumber(ARGV[6])
if is_silent then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    redis.call('ZADD', KEYS[2], now + ARGV[3], member)
  end
end

-- If very many are late, the reason is an outage or a busy server, and they come back. To remove them, and to announce
-- them again to all others, would take the server many seconds, and more of them would be late. So none is removed for
-- 4 ms for each member, and after that for at least the same time, late ones are removed. Each of them is removed a little
-- later than its lease ends, so that many of them are noticed before. Other members may leave meanwhile: that does not
-- make this time longer, and when few members are left, it ends.
local count = redis.call('ZCARD', KEYS[2])
local patience = tonumber(redis.call('GET', KEYS[9]) or '') or 0
local patient = redis.call('PTTL', KEYS[9])
local late = is_silent and count or redis.call('ZCOUNT', KEYS[2], '-inf', now)
if late * count > 600000 and (is_silent or patient < 0) then
  patience = 4 * count
  patient = 2 * patience + (is_silent and ARGV[3] or 0)
  redis.call('SET', KEYS[9], patience, 'PX', patient)
elseif patient > 2 * patience + ARGV[3] then
  -- The clock was set back.
  redis.call('DEL', KEYS[9])
  patient = 0
end
local is_patient = patient > patience and count * count > 600000

-- All members hear of those that are removed, and the server does nothing else meanwhile. If many die at the same time, 50
-- of them are told in a message, and the next calls remove the others.
local budget = is_patient and 0 or math.max(1, math.floor(20000 / math.max(1, count)))
if budget > 0 then
  late = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - count / 4, 'LIMIT', 0, 50 * budget)
  -- An entry without a lease was not stored by a member, and would stay forever.
  if redis.call('HLEN', KEYS[1]) > count then
    for _, member in ipairs(redis.call('HKEYS', KEYS[1])) do
      if #late < 50 * budget and not redis.call('ZSCORE', KEYS[2], member) then
        late[#late + 1] = member
      end
    end
  end
  local gone = {}
  for index, member in ipairs(late) do
    if member ~= ARGV[4] and remove(member) == 1 then
      gone[#gone + 1] = member
    end
    if #gone == 50 or index == #late and #gone > 0 then
      tell_left(gone)
      gone = {}
    end
  end
end

-- A server that has lost its data does not have this time, either.
local created = string.match(redis.call('GET', KEYS[6]) or '', '^%d+$')
if not created then
  created = string.format('%.0f', now_microseconds)
  redis.call('SET', KEYS[6], created, 'PX', 600000)
end
local age = now - math.floor(tonumber(created) / 1000)

-- Members that came before the data was lost know each other: they restore the hash, and tell nobody. If thousands of
-- them told each other what they know, it would take minutes. They keep what they know until none has come back for the
-- time of a lease, and for six of them at most. Then they compare it with what was restored.
local knows_former = ARGV[9] ~= '' and ARGV[9] ~= created
local restoring = math.min(math.max(0, redis.call('PTTL', KEYS[7])), ARGV[3])
local wait = math.max(restoring, ARGV[3] - age)
local is_restored = knows_former and tonumber(ARGV[8]) >= tonumber(ARGV[10])
  and wait > 0 and age >= 0 and age < 6 * ARGV[3]

-- Of the data of all members, in any order.
local function get_digest(version)
  local known, digest = string.match(redis.call('GET', KEYS[8]) or '', '^(%d+) (%d+)$')
  if known ~= version then
    local sum = 0
    for _, info in ipairs(redis.call('HVALS', KEYS[1])) do
      sum = (sum + tonumber(string.sub(redis.sha1hex(info), 1, 12), 16)) % 281474976710656
    end
    digest = string.format('%.0f', sum)
    redis.call('SET', KEYS[8], version .. ' ' .. digest, 'PX', 600000)
  end
  return digest
end

local what = ARGV[1]
if what == 'list' then
  local version = get_version()
  if is_restored then
    return {'', '', created, string.format('%.0f', wait)}
  end
  if version == ARGV[4] and redis.call('HLEN', KEYS[1]) == tonumber(ARGV[8])
    or knows_former and ARGV[5] ~= '' and get_digest(version) == ARGV[5] then
    return {version, '', created, '0'}
  end
  local entries = {}
  local next = ''
  -- If there are more changes than members, the whole list is shorter.
  if ARGV[4] ~= '' and last_change() == version and redis.call('ZCOUNT', KEYS[10], ARGV[4], ARGV[4]) > 0 then
    local missed = redis.call('ZCOUNT', KEYS[10], '(' .. ARGV[4], '+inf')
    if missed <= redis.call('HLEN', KEYS[1]) then
      next = missed > 200 and '+' or ''
      for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[10], '(' .. ARGV[4], '+inf', 'LIMIT', 0, 200)) do
        local changed_at, member = string.match(each, '^(%d+):(.+)')
        -- Any client can write there.
        if member then
          version = changed_at
          entries[#entries + 1] = member
          entries[#entries + 1] = redis.call('HGET', KEYS[1], member) or ''
        end
      end
    end
  end
  if #entries == 0 then
    next, entries = unpack(redis.call('HSCAN', KEYS[1], ARGV[7], 'COUNT', 200))
  end
  for _, each in ipairs({version, next, created, string.format('%.0f', restoring)}) do
    entries[#entries + 1] = each
  end
  return entries
end
if what == 'leave' then
  -- The others keep a member that the server has lost.
  if remove(ARGV[4]) == 1 or knows_former then
    tell_left({ARGV[4]})
    return 1
  end
  return 0
end
local is_stored = redis.call('HGET', KEYS[1], ARGV[4]) == ARGV[5]
if what == 'renew' and not is_stored then
  return 0
end
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[4])
-- What is stored already was told when it was stored. Whoever has missed that reads the list.
if what == 'announce' and not is_stored then
  redis.call('HSET', KEYS[1], ARGV[4], ARGV[5])
  local before, version = change(ARGV[4])
  if is_restored then
    redis.call('SET', KEYS[7], 1, 'PX', ARGV[3])
  else
    tell(before, version, '"told":' .. ARGV[5])
  end
end
return what == 'announce' and created or 1
