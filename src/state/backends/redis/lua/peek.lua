-- Reads a value for people, up to a limit.
-- KEYS: the value; of a map its fields that expire. Arguments: the type of the value, the maximum number of bytes.
-- Returns 1 if there is more than the limit, otherwise 0, and then the text, the fields and their values, or the members and
-- their scores. Returns nothing if there is no value of this type.

local key, limit = KEYS[1], tonumber(ARGV[2])
local found, bytes = {0}, 0

local function add(name, text)
  bytes = bytes + #name + #text
  found[#found + 1] = name
  found[#found + 1] = text
end

if redis.call('TYPE', key).ok ~= ARGV[1] then
  return {}
end
if ARGV[1] == 'string' then
  return {redis.call('STRLEN', key) > limit and 1 or 0, redis.call('GETRANGE', key, 0, limit - 1)}
elseif ARGV[1] == 'zset' then
  local first = 0
  repeat
    local scored = redis.call('ZREVRANGE', key, first, first + 99, 'WITHSCORES')
    for i = 1, #scored, 2 do
      add(scored[i], scored[i + 1])
    end
    first = first + 100
  until #scored == 0 or bytes > limit
  found[1] = first < redis.call('ZCARD', key) and 1 or 0
  return found
end
local cursor, seen = '0', {}
repeat
  local page = redis.call('HSCAN', key, cursor, 'COUNT', 10)
  for i = 1, #page[2], 2 do
    local field = page[2][i]
    local ends = redis.call('ZSCORE', KEYS[2], field)
    if not seen[field] and (not ends or tonumber(ends) > now) then
      seen[field] = true
      add(field, page[2][i + 1])
    end
  end
  cursor = page[1]
until cursor == '0' or bytes > limit
found[1] = cursor == '0' and 0 or 1
return found
