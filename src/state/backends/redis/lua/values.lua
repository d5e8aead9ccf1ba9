-- Values: JSON texts at keys.
-- KEYS of each operation: the value, and its time to live, see lifetimes.lua; for a key of any type, also the fields that
-- expire, see fields.lua.

-- Returns the text, or false.
arguments.get = 0
keys.get = 2
reads.get = true
function operations.get(k)
  local text, life = unpack(redis.call('MGET', KEYS[k], KEYS[k + 1]))
  if not text then
    -- There is none, or the key has another type.
    return attempt(KEYS[k], 'GET', KEYS[k])
  end
  if life then
    bound(k, life)
  end
  return text
end

-- Returns 1 or 0.
arguments.has = 0
keys.has = 3
reads.has = true
function operations.has(k)
  bound(k)
  remove_expired(k)
  return redis.call('EXISTS', KEYS[k])
end

-- Arguments: value, time to live in milliseconds or '', a text that is not replaced or ''. Returns 1 or 0. A full server
-- accepts a value that is not longer than the one it replaces, as the backend in memory does.
arguments.set = 3
keys.set = 2
function operations.set(k, a)
  local key = KEYS[k]
  local length = attempt(key, 'STRLEN', key)
  if is_failure(length) then
    return length
  end
  if length > 0 and length == #ARGV[a + 2] then
    bound(k)
    if redis.call('GET', key) == ARGV[a + 2] then
      return 0
    end
  end
  local reply = store(k, ARGV[a], ARGV[a + 1])
  if is_failure(reply) and string.find(reply, '^!full') and #ARGV[a] <= length then
    -- A full server refuses only the first write of a script, and not a deletion.
    redis.call('DEL', key)
    reply = store(k, ARGV[a], ARGV[a + 1])
  end
  return is_failure(reply) and reply or 1
end

-- Arguments: value, time to live in milliseconds or ''. Returns 1 or 0.
arguments.setIfAbsent = 2
keys.setIfAbsent = 2
function operations.setIfAbsent(k, a)
  bound(k)
  local reply = store(k, ARGV[a], ARGV[a + 1], 'NX')
  if is_failure(reply) then
    return reply
  end
  return reply and 1 or 0
end

-- Arguments: '=' and the expected text, or '' for nothing; value, or '' to delete; time to live in milliseconds or ''.
-- Returns 1 or 0.
arguments.replace = 3
keys.replace = 2
function operations.replace(k, a)
  local key = KEYS[k]
  bound(k)
  local current = attempt(key, 'GET', key)
  if is_failure(current) then
    return current
  end
  if ARGV[a] ~= (current and '=' .. current or '') then
    return 0
  end
  local reply
  if ARGV[a + 1] == '' then
    redis.call('DEL', key, KEYS[k + 1])
  elseif ARGV[a + 2] == '' then
    reply = attempt(key, 'SET', key, ARGV[a + 1], 'KEEPTTL')
  else
    reply = store(k, ARGV[a + 1], ARGV[a + 2])
  end
  return is_failure(reply) and reply or 1
end

-- Arguments: the type that the key must have, or ''. Returns 1 or 0.
arguments.delete = 1
keys.delete = 3
function operations.delete(k, a)
  remove_expired(k)
  if ARGV[a] ~= '' then
    local type = redis.call('TYPE', KEYS[k]).ok
    if type ~= 'none' and type ~= ARGV[a] then
      return '!type ' .. type
    end
  end
  redis.call('DEL', KEYS[k + 1], KEYS[k + 2])
  return redis.call('DEL', KEYS[k])
end

-- Returns the milliseconds until a key of any type expires, or false.
arguments.ttl = 0
keys.ttl = 3
reads.ttl = true
function operations.ttl(k)
  bound(k)
  remove_expired(k)
  local left = redis.call('PTTL', KEYS[k])
  return left >= 0 and left
end

-- Arguments: time to live in milliseconds, or '' for none. Returns 1 or 0.
arguments.expire = 1
keys.expire = 3
function operations.expire(k, a)
  local has_fields = remove_expired(k)
  if redis.call('EXISTS', KEYS[k]) == 0 then
    return 0
  end
  if ARGV[a] == '' then
    redis.call('DEL', KEYS[k + 1])
    redis.call('PERSIST', KEYS[k])
  else
    -- First, because a full server refuses only the first write of a script, and this one needs no memory.
    redis.call('PEXPIRE', KEYS[k], ARGV[a])
    redis.call('SET', KEYS[k + 1], ARGV[a], 'PX', ARGV[a])
  end
  if has_fields then
    expire_with_fields(k)
  end
  return 1
end
