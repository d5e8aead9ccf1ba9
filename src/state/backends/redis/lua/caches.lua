-- Caches.
-- KEYS of each operation: the entries, a hash of "fresh-until expires-at version value" with 0 for never; a sorted set of
-- the keys by their last use; the size of all entries in bytes.

-- Returns a number that is greater than those of all earlier uses of the cache, also if they are in one batch, or if the
-- clock was set back.
local function next_use(k)
  local last = redis.call('ZREVRANGE', KEYS[k + 1], 0, 0, 'WITHSCORES')[2] or 0
  return string.format('%.0f', math.max(now_microseconds, last + 1))
end

-- Returns the size of a key and its value in bytes. Earlier versions have stored no version.
local function size_of(field, text)
  local head = string.match(text, '^%d+ %d+ %d+ ') or string.match(text, '^%d+ %d+ ') or ''
  return #field + #text - #head
end

-- Removes an entry. Returns its text, or false.
local function remove_entry(k, field)
  local text = attempt(KEYS[k], 'HGET', KEYS[k], field)
  if not text or is_failure(text) then
    return text
  end
  redis.call('HDEL', KEYS[k], field)
  redis.call('ZREM', KEYS[k + 1], field)
  if redis.call('EXISTS', KEYS[k]) == 0 then
    redis.call('DEL', KEYS[k + 2])
  else
    redis.call('DECRBY', KEYS[k + 2], size_of(field, text))
  end
  return text
end

-- Returns whether an entry has expired, or cannot be read: an earlier version or another client has written it.
local function is_gone(text)
  local ends = tonumber(string.match(text, '^%d+ (%d+) %d+ '))
  return not ends or ends ~= 0 and ends <= now
end

-- Removes the entry that was used least recently. Returns whether there was one.
local function remove_oldest(k)
  -- The server may have evicted one of the keys.
  if redis.call('ZCARD', KEYS[k + 1]) < redis.call('HLEN', KEYS[k]) then
    for _, each in ipairs(redis.call('HKEYS', KEYS[k])) do
      redis.call('ZADD', KEYS[k + 1], 'NX', 0, each)
    end
  end
  local oldest = redis.call('ZRANGE', KEYS[k + 1], 0, 0)[1]
  if oldest and not remove_entry(k, oldest) then
    redis.call('ZREM', KEYS[k + 1], oldest)
  end
  return oldest
end

-- Arguments: key. Returns the text, the milliseconds for which it is fresh or '', and its version; or false.
arguments.cacheGet = 1
keys.cacheGet = 3
reads.cacheGet = true
function operations.cacheGet(k, a)
  local text = attempt(KEYS[k], 'HGET', KEYS[k], ARGV[a])
  if not text or is_failure(text) then
    return text
  end
  if is_gone(text) then
    remove_entry(k, ARGV[a])
    return false
  end
  -- A full server refuses it, which does no harm.
  redis.pcall('ZADD', KEYS[k + 1], 'XX', next_use(k), ARGV[a])
  local fresh, version, value = string.match(text, '^(%d+) %d+ (%d+) (.*)$')
  return {value, fresh == '0' and '' or string.format('%.0f', fresh - now), version}
end

-- Arguments: key, text, time to live in milliseconds or '', time for which it is stale after that, maximum number of
-- entries, maximum size of all entries or ''. Returns the version of the entry, which is greater than the one before; 0 if
-- it is larger than the maximum.
arguments.cacheSet = 6
keys.cacheSet = 3
function operations.cacheSet(k, a)
  local key, field, value, ttl = KEYS[k], ARGV[a], ARGV[a + 1], ARGV[a + 2]
  local max_entries, max_bytes = tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5])
  local fresh, ends = 0, 0
  if ttl ~= '' then
    fresh = now + tonumber(ttl)
    ends = fresh + tonumber(ARGV[a + 3])
  end
  local before = attempt(key, 'HGET', key, field)
  if is_failure(before) then
    return before
  end
  if max_bytes and #field + #value > max_bytes then
    remove_entry(k, field)
    return 0
  end
  local use = next_use(k)
  local version = use
  -- If the server's clock was set back.
  local last = before and tonumber(string.match(before, '^%d+ %d+ (%d+)'))
  if last and last >= tonumber(use) then
    version = string.format('%.0f', last + 1)
  end
  local text = string.format('%.0f %.0f ', fresh, ends) .. version .. ' ' .. value
  local reply = attempt(key, 'HSET', key, field, text)
  if is_failure(reply) and before then
    -- A full server refuses only the first write of a script, and not a removal.
    remove_entry(k, field)
    before, reply = false, attempt(key, 'HSET', key, field, text)
  end
  if is_failure(reply) then
    return reply
  end
  if redis.call('HLEN', key) == 1 then
    redis.call('DEL', KEYS[k + 1])
    redis.call('SET', KEYS[k + 2], size_of(field, text))
  else
    redis.call('INCRBY', KEYS[k + 2], size_of(field, text) - (before and size_of(field, before) or 0))
  end
  redis.call('ZADD', KEYS[k + 1], use, field)
  while redis.call('HLEN', key) > max_entries
    or max_bytes and redis.call('HLEN', key) > 1 and tonumber(redis.call('GET', KEYS[k + 2])) > max_bytes do
    if not remove_oldest(k) then
      break
    end
  end
  -- The cache expires with the last of its entries.
  local is_only = redis.call('HLEN', key) == 1
  local left = redis.call('PTTL', key)
  if is_only or left >= 0 then
    for i = 0, 2 do
      if ttl == '' then
        redis.call('PERSIST', KEYS[k + i])
      elseif is_only or ends - now > left then
        redis.call('PEXPIRE', KEYS[k + i], string.format('%.0f', ends - now))
      end
    end
  end
  return version
end

-- Arguments: key. Returns 1 or 0.
arguments.cacheDelete = 1
keys.cacheDelete = 3
function operations.cacheDelete(k, a)
  local text = remove_entry(k, ARGV[a])
  if is_failure(text) then
    return text
  end
  return text and not is_gone(text) and 1 or 0
end

-- Arguments: prefix of the keys. Returns the keys.
arguments.cacheKeys = 1
keys.cacheKeys = 3
reads.cacheKeys = true
function operations.cacheKeys(k, a)
  local entries = attempt(KEYS[k], 'HGETALL', KEYS[k])
  if is_failure(entries) then
    return entries
  end
  local prefix, found = ARGV[a], {}
  for i = 1, #entries, 2 do
    if string.sub(entries[i], 1, #prefix) == prefix and not is_gone(entries[i + 1]) then
      found[#found + 1] = entries[i]
    end
  end
  return found
end

-- Arguments: prefix of the keys. Returns 1 or 0.
arguments.cacheClear = 1
keys.cacheClear = 3
function operations.cacheClear(k, a)
  local prefix = ARGV[a]
  if prefix == '' then
    redis.call('DEL', KEYS[k + 1], KEYS[k + 2])
    return redis.call('DEL', KEYS[k])
  end
  local fields = attempt(KEYS[k], 'HKEYS', KEYS[k])
  if is_failure(fields) then
    return fields
  end
  local removed = 0
  for _, field in ipairs(fields) do
    if string.sub(field, 1, #prefix) == prefix then
      remove_entry(k, field)
      removed = 1
    end
  end
  return removed
end
