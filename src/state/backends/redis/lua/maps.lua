-- Maps: hashes of texts.

-- Arguments: field. Returns the text, or false.
arguments.mapGet = 1
reads.mapGet = true
function operations.mapGet(k, a)
  return attempt(KEYS[k], 'HGET', KEYS[k], ARGV[a])
end

-- Arguments: field. Returns 1 or 0.
arguments.mapHas = 1
reads.mapHas = true
function operations.mapHas(k, a)
  return attempt(KEYS[k], 'HEXISTS', KEYS[k], ARGV[a])
end

-- Arguments: field, value. Returns 1 if the field is new, otherwise 0.
arguments.mapSet = 2
function operations.mapSet(k, a)
  return attempt(KEYS[k], 'HSET', KEYS[k], ARGV[a], ARGV[a + 1])
end

-- Arguments: field. Returns 1 or 0.
arguments.mapDelete = 1
function operations.mapDelete(k, a)
  return attempt(KEYS[k], 'HDEL', KEYS[k], ARGV[a])
end

-- Arguments: field, increment. Returns the new value.
arguments.mapIncrement = 2
function operations.mapIncrement(k, a)
  local key = KEYS[k]
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
  return is_failure(reply) and reply or exact(reply)
end

-- Returns field, text, field, text, …
arguments.mapEntries = 0
reads.mapEntries = true
function operations.mapEntries(k)
  return attempt(KEYS[k], 'HGETALL', KEYS[k])
end

arguments.mapSize = 0
reads.mapSize = true
function operations.mapSize(k)
  return attempt(KEYS[k], 'HLEN', KEYS[k])
end
