-- Counters: values that are whole numbers. KEYS as in values.lua.

-- A single increment of a counter without bounds and without a time to live. Arguments: increment. Returns the new
-- value.
arguments.add = 1
keys.add = 2
function operations.add(k, a)
  local key = KEYS[k]
  bound(k)
  local total = redis.pcall('INCRBY', key, ARGV[a])
  if failed(total) then
    if string.find(total.err, 'overflow', 1, true) then
      return {false}
    elseif string.find(total.err, 'not an integer', 1, true) then
      return '!integer ' .. redis.call('GET', key)
    end
    return attempt(key, 'INCRBY', key, ARGV[a])
  end
  if total > 9007199254740991 or total < -9007199254740991 then
    redis.call('DECRBY', key, ARGV[a])
    return {false}
  end
  return exact(total)
end

-- Many increments, in their order. Each one is applied if the counter stays within its bounds.
-- Arguments: sum; lowest and highest intermediate sum; min; max; time to live in milliseconds or ''; runs as
-- "delta,times,…".
-- Returns the new value; if some were not applied, the value after each increment, with false for those.
arguments.increment = 7
keys.increment = 2
function operations.increment(k, a)
  local key = KEYS[k]
  bound(k)
  local text = attempt(key, 'GET', key)
  if is_failure(text) then
    return text
  end
  if text and not is_whole(text) then
    return '!integer ' .. text
  end
  local min, max = tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  local start = text and tonumber(text) or math.min(max, math.max(min, 0))
  local finish, values = start, nil
  if start + tonumber(ARGV[a + 1]) >= min and start + tonumber(ARGV[a + 2]) <= max then
    finish = start + tonumber(ARGV[a])
  else
    values = {}
    for delta, times in string.gmatch(ARGV[a + 6], '([^,]+),([^,]+)') do
      for _ = 1, tonumber(times) do
        local next = finish + tonumber(delta)
        local is_made = next >= min and next <= max
        values[#values + 1] = is_made and exact(next)
        finish = is_made and next or finish
      end
    end
  end
  if finish ~= start or not (text or values) then
    local reply
    if text then
      reply = attempt(key, 'SET', key, string.format('%.0f', finish), 'KEEPTTL')
    else
      reply = store(k, string.format('%.0f', finish), ARGV[a + 5])
    end
    if is_failure(reply) then
      return reply
    end
  end
  return values or exact(finish)
end
