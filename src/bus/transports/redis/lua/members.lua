-- The members of the bus.
--
-- KEYS     1 hash of members and their announced data, 2 sorted set of members by the end of their lease,
--          3 the channel for changes, 4 the time of the last call of any member, 5 the version of the hash: a number that
--          is greater after each change, 6 the time at which the hash was created, 7 exists while members restore it,
--          8 a version, and the digest of the hash with this version
-- ARGV     1 the action, 2 the command to publish with, 3 the lease of a member in milliseconds, 4 the member,
--          5 its announced data, 6 milliseconds without any call after which all leases restart, because no member
--          could renew its lease; for "list", 4 the version and 5 the digest of what the caller knows,
--          and 7 the cursor of the page; 8 the number of members that the caller knows, 9 the time of creation of the
--          hash that it knows, or '', and 10 from how many members on they restore the hash silently
-- Returns  for "list", a page of the names of the members and their data, alternating, and at the end the version, the
--          cursor of the next page: 0 if there is none, '' if there is none that the caller must read, the time of
--          creation, and the milliseconds after which the caller must read the list again, or 0. For "announce", the time
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

-- Tells all members a change: a property in JSON. With the versions, they notice if they have missed one.
local function tell(change)
  local before = get_version()
  local version = set_version(math.max(tonumber(before) + 1, now_microseconds))
  redis.call(ARGV[2], KEYS[3], '{"before":' .. before .. ',"version":' .. version .. ',' .. change .. '}')
end

local function remove(member)
  redis.call('ZREM', KEYS[2], member)
  if redis.call('HDEL', KEYS[1], member) == 1 then
    tell('"left":' .. cjson.encode(member))
    return 1
  end
  return 0
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
if now - beat > tonumber(ARGV[6]) then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    redis.call('ZADD', KEYS[2], now + ARGV[3], member)
  end
end

-- All members hear of each one that is removed, and the server does nothing else meanwhile. If many die at the same
-- time, the next calls remove the others.
local budget = math.max(1, math.floor(20000 / math.max(1, redis.call('ZCARD', KEYS[2]))))
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, budget + 1)) do
  if member ~= ARGV[4] and budget > 0 then
    remove(member)
    budget = budget - 1
  end
end

-- An entry without a lease was not stored by a member, and would stay forever.
if redis.call('HLEN', KEYS[1]) > redis.call('ZCARD', KEYS[2]) then
  for _, member in ipairs(redis.call('HKEYS', KEYS[1])) do
    if budget > 0 and not redis.call('ZSCORE', KEYS[2], member) then
      remove(member)
      budget = budget - 1
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
local restoring = math.max(0, redis.call('PTTL', KEYS[7]))
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
  local page = redis.call('HSCAN', KEYS[1], ARGV[7], 'COUNT', 200)
  local entries = page[2]
  entries[#entries + 1] = version
  entries[#entries + 1] = page[1]
  entries[#entries + 1] = created
  entries[#entries + 1] = string.format('%.0f', restoring)
  return entries
end
if what == 'leave' then
  local removed = remove(ARGV[4])
  -- The others keep a member that the server has lost.
  if removed == 0 and knows_former then
    tell('"left":' .. cjson.encode(ARGV[4]))
    return 1
  end
  return removed
end
local is_stored = redis.call('HGET', KEYS[1], ARGV[4]) == ARGV[5]
if what == 'renew' and not is_stored then
  return 0
end
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[4])
-- What is stored already was told when it was stored. Whoever has missed that reads the list.
if what == 'announce' and not is_stored then
  redis.call('HSET', KEYS[1], ARGV[4], ARGV[5])
  if is_restored then
    set_version(math.max(tonumber(get_version()) + 1, now_microseconds))
    redis.call('SET', KEYS[7], 1, 'PX', ARGV[3])
  else
    tell('"told":' .. ARGV[5])
  end
end
return what == 'announce' and created or 1
