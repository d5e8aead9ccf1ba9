-- Values, and counters, which are values that are numbers.
--
-- An operation is called with the index of its first key in KEYS and of its first argument in ARGV. It
-- answers with what a client can read as it is; with false for nothing; with "!type", "!integer" or
-- "!range" and what it found if it did nothing for a reason of its own.

local function not_a(key)
  return '!type ' .. redis.call('TYPE', key).ok
end

local function failed(reply)
  return type(reply) == 'table' and reply.err
end

-- What a command answers; why it could not be carried out where something else stands at the key.
local function attempt(key, ...)
  local reply = redis.pcall(...)
  if failed(reply) then
    if string.find(reply.err, 'WRONGTYPE', 1, true) then
      return not_a(key)
    end
    return '!backend ' .. reply.err
  end
  return reply
end

local function is_failure(reply)
  return type(reply) == 'string' and string.byte(reply) == 33
end

-- Clients read integers digit by digit, as floating point numbers: the last digit of large ones gets lost.
local function exact(number)
  if number > 1e15 or number < -1e15 then
    return string.format('%.0f', number)
  end
  return number
end

local operations = {}

-- gives the text, or false
function operations.get(k)
  return attempt(KEYS[k], 'GET', KEYS[k])
end

-- gives 1 or 0
function operations.has(k)
  return redis.call('EXISTS', KEYS[k])
end

-- value, milliseconds or ''
function operations.set(k, a)
  local key = KEYS[k]
  local length = attempt(key, 'STRLEN', key)
  if is_failure(length) then
    return length
  end
  local reply
  if ARGV[a + 1] == '' then
    reply = attempt(key, 'SET', key, ARGV[a])
  else
    reply = attempt(key, 'SET', key, ARGV[a], 'PX', ARGV[a + 1])
  end
  return is_failure(reply) and reply or 1
end

-- value, milliseconds or ''; gives 1 or 0
function operations.setIfAbsent(k, a)
  local key = KEYS[k]
  local reply
  if ARGV[a + 1] == '' then
    reply = attempt(key, 'SET', key, ARGV[a], 'NX')
  else
    reply = attempt(key, 'SET', key, ARGV[a], 'NX', 'PX', ARGV[a + 1])
  end
  if is_failure(reply) then
    return reply
  end
  return reply and 1 or 0
end

-- '=' and the text that is expected, or '' for nothing; value; milliseconds or ''; gives 1 or 0
function operations.replace(k, a)
  local key = KEYS[k]
  local current = attempt(key, 'GET', key)
  if is_failure(current) then
    return current
  end
  if ARGV[a] ~= (current and '=' .. current or '') then
    return 0
  end
  local reply
  if ARGV[a + 2] == '' then
    reply = attempt(key, 'SET', key, ARGV[a + 1], 'KEEPTTL')
  else
    reply = attempt(key, 'SET', key, ARGV[a + 1], 'PX', ARGV[a + 2])
  end
  return is_failure(reply) and reply or 1
end

-- the type it must have, or ''; gives 1 or 0
function operations.delete(k, a)
  if ARGV[a] ~= '' then
    local type = redis.call('TYPE', KEYS[k]).ok
    if type ~= 'none' and type ~= ARGV[a] then
      return '!type ' .. type
    end
  end
  return redis.call('DEL', KEYS[k])
end

-- One increment of a counter that has no bounds of its own, and no time to live. by; gives the new value
function operations.add(k, a)
  local key = KEYS[k]
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

-- Many increments, each of which is made if the counter stays within its bounds, in their order.
-- sum; lowest and highest sum on the way; min; max; milliseconds or ''; runs as "delta,times,…"
-- gives the new value; where some were not made, the value after each, false for those
function operations.increment(k, a)
  local key = KEYS[k]
  local text = attempt(key, 'GET', key)
  if is_failure(text) then
    return text
  end
  if text and not string.find(text, '^-?%d+$') then
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
    elseif ARGV[a + 5] == '' then
      reply = attempt(key, 'SET', key, string.format('%.0f', finish))
    else
      reply = attempt(key, 'SET', key, string.format('%.0f', finish), 'PX', ARGV[a + 5])
    end
    if is_failure(reply) then
      return reply
    end
  end
  return values or exact(finish)
end
