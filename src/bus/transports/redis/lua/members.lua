-- The members of the bus.
--
-- KEYS     1 hash of the members and their announced data
--          2 sorted set of the members by the end of their lease
--          3 the channel for changes
--          4 the time of the last call of any member
--          5 the version of the hash: a number that is greater after each change
--          6 the time at which the hash was created
--          7 exists while members restore the hash
--          8 a version, and the digest of the hash with this version
--          9 exists while late members are not removed, and for some time afterwards: the milliseconds of that time
--          10 sorted set of the latest changes: '<version>:<member>' by the version
-- ARGV     1 the action
--          2 the command to publish with
--          3 the lease of a member in milliseconds
--          4 the member; for "list", the version of what the caller knows, or ''
--          5 the announced data of the member; for "list", the digest of what the caller knows, or ''
--          6 milliseconds without any call after which all leases restart, because no member could renew its lease
--          7 the cursor of the page, for "list"
--          8 the number of members that the caller knows
--          9 the time of creation of the hash that the caller knows, or ''
--          10 from how many members on they restore the hash silently
-- Actions  "announce" stores the data of the member and renews its lease. Returns the time of creation of the hash.
--          "renew" renews the lease of the member. Returns 1, or 0 if the stored data of the member differs.
--          "leave" removes the member. Returns 1, or 0 if it is not a member.
--          "list" returns a page of members: their names and their data, alternating, and at the end four texts:
--          - the version of the hash; '' while members restore it
--          - the cursor of the next page; 0 if there is none. A page with only those members that have changed since the
--            version that the caller knows has '', or '+' if there are more of them; the data of one that has left is ''
--          - the time of creation of the hash
--          - the milliseconds after which the caller must read the list again, or 0

-- Milliseconds without a call after which versions, times and changes are forgotten.
local TTL = 600000

-- The maximum number of entries in a page.
local PAGE = 200

-- The maximum number of members that one message tells to have left.
local MESSAGE = 50

-- Deliveries of changes, each of which goes to each member: the maximum in one call, and a number that would keep the
-- server busy for seconds.
local DELIVERIES, MANY_DELIVERIES = 20000, 600000

local action, publish, lease, member, data = unpack(ARGV)
local silence, cursor, known_count, known_created, many = unpack(ARGV, 6)
lease = tonumber(lease)

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local now_microseconds = time[1] * 1000000 + time[2]

local function set_version(version)
  version = string.format('%.0f', version)
  redis.call('SET', KEYS[5], version, 'PX', TTL)
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
local function change(who)
  local before = get_version()
  -- If the clock is far behind, a server that has lost the last changes must not use their versions again.
  local step = before - now_microseconds > 1000000 and 1 + now_microseconds % 1000 or 1
  local version = set_version(math.max(before + step, now_microseconds))
  -- Each change must follow another one, so that none is missing.
  if last_change() ~= before then
    redis.call('DEL', KEYS[10])
    redis.call('ZADD', KEYS[10], before, before .. ':')
  end
  redis.call('ZADD', KEYS[10], version, version .. ':' .. who)
  -- The latest 2,000 are remembered.
  redis.call('ZREMRANGEBYRANK', KEYS[10], 0, -2001)
  redis.call('PEXPIRE', KEYS[10], TTL)
  return before, version
end

-- Tells all members what has changed: a property in JSON. With the versions, they notice if they have missed a change.
local function tell(before, version, what)
  redis.call(publish, KEYS[3], '{"before":' .. before .. ',"version":' .. version .. ',' .. what .. '}')
end

local function tell_left(gone)
  local first, last
  for _, each in ipairs(gone) do
    local before, version = change(each)
    first = first or before
    last = version
  end
  tell(first, last, '"left":' .. cjson.encode(#gone == 1 and gone[1] or gone))
end

local function remove(who)
  redis.call('ZREM', KEYS[2], who)
  return redis.call('HDEL', KEYS[1], who)
end

-- A full server refuses a script whose first write needs memory, but no later writes. The registry needs little
-- memory, and without it members would be considered dead. So the first write needs none.
for k = 4, 6 do
  redis.call('PEXPIRE', KEYS[k], TTL)
end

-- If the clock is set forward by more than the TTL, this key expires, and the leases have ended.
local beat = tonumber(redis.call('GET', KEYS[4]) or '')
-- After this time, all earlier members have gone.
redis.call('SET', KEYS[4], now, 'PX', TTL)
-- A lease that ends later than a new one would was given before the clock was set back, or is invalid.
for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now + lease, '+inf')) do
  redis.call('ZADD', KEYS[2], now + lease, each)
end
local is_silent = not beat or now - beat > tonumber(silence)
if is_silent then
  for _, each in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    redis.call('ZADD', KEYS[2], now + lease, each)
  end
end

-- If very many are late, the reason is an outage or a busy server, and they come back. To remove them, and to announce
-- them again to all others, would take the server many seconds, and more of them would be late. So none is removed for
-- 4 ms for each member, and after that for at least the same time, late ones are removed. Each of them is removed a
-- little later than its lease ends, so that many of them are noticed before. Other members may leave meanwhile: that does
-- not make this time longer, and when few members are left, it ends.
local count = redis.call('ZCARD', KEYS[2])
local late_count = is_silent and count or redis.call('ZCOUNT', KEYS[2], '-inf', now)
local patience = tonumber(redis.call('GET', KEYS[9]) or '') or 0
local remaining = redis.call('PTTL', KEYS[9])
if late_count * count > MANY_DELIVERIES and (is_silent or remaining < 0) then
  patience = 4 * count
  remaining = 2 * patience + (is_silent and lease or 0)
  redis.call('SET', KEYS[9], patience, 'PX', remaining)
elseif remaining > 2 * patience + lease then
  -- The clock was set back.
  redis.call('DEL', KEYS[9])
  remaining = 0
end
-- Of few members, not even the removal of all is many deliveries.
local is_patient = remaining > patience and count * count > MANY_DELIVERIES

-- All members hear of those that are removed, and the server does nothing else meanwhile. If many die at the same time,
-- the next calls remove the others.
if not is_patient then
  local limit = MESSAGE * math.max(1, math.floor(DELIVERIES / math.max(1, count)))
  local late = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - count / 4, 'LIMIT', 0, limit)
  -- An entry without a lease was not stored by a member, and would stay forever.
  if redis.call('HLEN', KEYS[1]) > count then
    for _, each in ipairs(redis.call('HKEYS', KEYS[1])) do
      if #late < limit and not redis.call('ZSCORE', KEYS[2], each) then
        late[#late + 1] = each
      end
    end
  end
  local gone = {}
  for index, each in ipairs(late) do
    if each ~= member and remove(each) == 1 then
      gone[#gone + 1] = each
    end
    if #gone == MESSAGE or index == #late and #gone > 0 then
      tell_left(gone)
      gone = {}
    end
  end
end

-- A server that has lost its data does not have this time, either.
local created = string.match(redis.call('GET', KEYS[6]) or '', '^%d+$')
if not created then
  created = string.format('%.0f', now_microseconds)
  redis.call('SET', KEYS[6], created, 'PX', TTL)
end
local age = now - math.floor(tonumber(created) / 1000)

-- Members that came before the data was lost know each other: they restore the hash, and tell nobody. If thousands of
-- them told each other what they know, it would take minutes. They keep what they know until none has come back for the
-- time of a lease, and for six of them at most. Then they compare it with what was restored.
local knows_former = known_created ~= '' and known_created ~= created
local restoring = math.min(math.max(0, redis.call('PTTL', KEYS[7])), lease)
local wait = math.max(restoring, lease - age)
local is_restored = knows_former and tonumber(known_count) >= tonumber(many)
  and wait > 0 and age >= 0 and age < 6 * lease

-- Returns the digest of the data of all members, in any order, as digestOf() in TypeScript does.
local function get_digest(version)
  local digested, digest = string.match(redis.call('GET', KEYS[8]) or '', '^(%d+) (%d+)$')
  if digested ~= version then
    local sum = 0
    for _, each in ipairs(redis.call('HVALS', KEYS[1])) do
      sum = (sum + tonumber(string.sub(redis.sha1hex(each), 1, 12), 16)) % 281474976710656
    end
    digest = string.format('%.0f', sum)
    redis.call('SET', KEYS[8], version .. ' ' .. digest, 'PX', TTL)
  end
  return digest
end

if action == 'list' then
  local known_version, known_digest = member, data
  local version = get_version()
  if is_restored then
    return {'', '', created, string.format('%.0f', wait)}
  end
  local length = redis.call('HLEN', KEYS[1])
  if version == known_version and length == tonumber(known_count)
    or knows_former and known_digest ~= '' and get_digest(version) == known_digest then
    return {version, '', created, '0'}
  end
  local entries = {}
  local next
  if known_version ~= '' and last_change() == version
    and redis.call('ZCOUNT', KEYS[10], known_version, known_version) > 0 then
    local missed = redis.call('ZCOUNT', KEYS[10], '(' .. known_version, '+inf')
    -- If there are more changes than members, the whole list is shorter.
    local limit = missed > length and 0 or PAGE
    for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[10], '(' .. known_version, '+inf', 'LIMIT', 0, limit)) do
      local changed_at, name = string.match(each, '^(%d+):(.+)')
      -- Any client can write there.
      if name then
        version = changed_at
        entries[#entries + 1] = name
        entries[#entries + 1] = redis.call('HGET', KEYS[1], name) or ''
      end
    end
    next = missed > PAGE and '+' or ''
  end
  if #entries == 0 then
    next, entries = unpack(redis.call('HSCAN', KEYS[1], cursor, 'COUNT', PAGE))
  end
  for _, each in ipairs({version, next, created, string.format('%.0f', restoring)}) do
    entries[#entries + 1] = each
  end
  return entries
end
if action == 'leave' then
  -- The others keep a member that the server has lost.
  if remove(member) == 1 or knows_former then
    tell_left({member})
    return 1
  end
  return 0
end
local is_stored = redis.call('HGET', KEYS[1], member) == data
if action == 'renew' and not is_stored then
  return 0
end
redis.call('ZADD', KEYS[2], now + lease, member)
-- What is stored already was told when it was stored. Whoever has missed that reads the list.
if action == 'announce' and not is_stored then
  redis.call('HSET', KEYS[1], member, data)
  local before, version = change(member)
  if is_restored then
    redis.call('SET', KEYS[7], 1, 'PX', lease)
  else
    tell(before, version, '"told":' .. data)
  end
end
return action == 'announce' and created or 1
