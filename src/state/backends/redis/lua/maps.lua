-- Maps: hashes of texts. KEYS as in fields.lua.

-- Arguments: field. Returns the text, or false.
arguments.mapGet = 1
keys.mapGet = 3
reads.mapGet = true
function operations.mapGet(k, a)
  remove_expired(k)
  return attempt(KEYS[k], 'HGET', KEYS[k], ARGV[a])
end

-- Arguments: field. Returns 1 or 0.
arguments.mapHas = 1
keys.mapHas = 3
reads.mapHas = true
function operations.mapHas(k, a)
  remove_expired(k)
  return attempt(KEYS[k], 'HEXISTS', KEYS[k], ARGV[a])
end

-- Arguments: field, value, time to live in milliseconds or ''. Returns 1 if the field is new, otherwise 0.
arguments.mapSet = 3
keys.mapSet = 3
function operations.mapSet(k, a)
  local has_expiring = remove_expired(k)
  local reply = attempt(KEYS[k], 'HSET', KEYS[k], ARGV[a], ARGV[a + 1])
  if is_failure(reply) then
    return reply
  end
  if ARGV[a + 2] ~= '' then
    redis.call('ZADD', KEYS[k + 2], string.format('%.0f', now + tonumber(ARGV[a + 2])), ARGV[a])
    expire_with_fields(k)
  elseif has_expiring then
    redis.call('ZREM', KEYS[k + 2], ARGV[a])
    expire_with_fields(k)
  end
  return reply
end

-- Arguments: field. Returns 1 or 0.
arguments.mapDelete = 1
keys.mapDelete = 3
function operations.mapDelete(k, a)
  local has_expiring = remove_expired(k)
  local reply = attempt(KEYS[k], 'HDEL', KEYS[k], ARGV[a])
  if reply == 1 then
    if redis.call('EXISTS', KEYS[k]) == 0 then
      redis.call('DEL', KEYS[k + 1], KEYS[k + 2])
    elseif has_expiring then
      redis.call('ZREM', KEYS[k + 2], ARGV[a])
      expire_with_fields(k)
    end
  end
  return reply
end

-- Arguments: field, increment. Returns the new value.
arguments.mapIncrement = 2
keys.mapIncrement = 3
function operations.mapIncrement(k, a)
  local key = KEYS[k]
  local has_expiring = remove_expired(k)
  local text = attempt(key, 'HGET', key, ARGV[a])
  if is_failure(text) then
    return text
  end
  if text and not is_whole(text) then
    return '!integer ' .. text
  end
  local value = tonumber(text or '0') + tonumber(ARGV[a + 1])
  if value > 9007199254740991 or value < -9007199254740991 then
    return '!range ' .. (text or '0')
  end
  local reply = attempt(key, 'HINCRBY', key, ARGV[a], ARGV[a + 1])
  if is_failure(reply) then
    return reply
  end
  if has_expiring then
    expire_with_fields(k)
  end
  return exact(reply)
end

-- Returns field, text, field, text, …
arguments.mapEntries = 0
keys.mapEntries = 3
reads.mapEntries = true
function operations.mapEntries(k)
  remove_expired(k)
  return attempt(KEYS[k], 'HGETALL', KEYS[k])
end

arguments.mapSize = 0
keys.mapSize = 3
reads.mapSize = true
function operations.mapSize(k)
  remove_expired(k)
  return attempt(KEYS[k], 'HLEN', KEYS[k])
end
