-- Rate limits with a sliding window.

-- A window is one packed text: a mark, the sum of its hits, and for each step with hits, oldest first, the time of its
-- last hit and the number of its hits.
local MARK, HEAD_BYTES, STEP_BYTES = 1, 9, 16

-- Returns the sum of the hits in the window, their steps, and the times of the oldest and of the last step with the hits
-- of the last one; or a failure.
local function hits_of(key, window)
  local text = attempt(key, 'GET', key)
  if is_failure(text) then
    return text
  elseif not text then
    return 0, ''
  end
  local length = #text
  if length % 24 == 10 and not string.find(text, '%D') then
    -- The hits of an earlier version.
    return 0, ''
  end
  if length % STEP_BYTES ~= HEAD_BYTES or length == HEAD_BYTES or string.byte(text) ~= MARK then
    return '!backend ' .. foreign(key, 'rate limit')
  end
  local _, total, oldest = struct.unpack('<Bdd', text)
  local last, times = struct.unpack('<dd', text, length - STEP_BYTES + 1)
  local first = HEAD_BYTES + 1
  -- Hits from the future: the server's clock was set back. They would count for too long.
  while last > now do
    total, length = total - times, length - STEP_BYTES
    if length == HEAD_BYTES then
      return 0, ''
    end
    last, times = struct.unpack('<dd', text, length - STEP_BYTES + 1)
  end
  while oldest > now or oldest + window <= now do
    local _, gone = struct.unpack('<dd', text, first)
    total, first = total - gone, first + STEP_BYTES
    if first > length then
      return 0, ''
    end
    oldest = struct.unpack('<d', text, first)
  end
  return total, string.sub(text, first, length), oldest, last, times
end

-- Arguments: count, cost of each, limit, window, length of a step in milliseconds.
-- Returns the number of allowed hits, the remaining number, and the milliseconds until more are allowed.
arguments.hit = 5
local terms_at, count, cost, limit, window, step
function operations.hit(k, a)
  if a ~= terms_at then
    terms_at, count, cost, limit = a, tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
    window, step = tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  end
  local key = KEYS[k]
  local total, steps, oldest, last, times = hits_of(key, window)
  if is_failure(total) then
    return total
  end
  local allowed = math.max(0, math.min(count, math.floor((limit - total) / cost)))
  if allowed > 0 then
    local added = allowed * cost
    total = total + added
    if last and math.floor(last / step) == math.floor(now / step) then
      steps, added = string.sub(steps, 1, -STEP_BYTES - 1), added + times
    end
    oldest = steps ~= '' and oldest or now
    local text = struct.pack('<Bd', MARK, total) .. steps .. struct.pack('<dd', now, added)
    local reply = attempt(key, 'SET', key, text, 'PX', ARGV[a + 3])
    if is_failure(reply) then
      return reply
    end
  end
  return {allowed, math.max(0, limit - total), oldest and oldest + window - now or 0}
end

-- Arguments: limit, window. Returns the remaining number, and the milliseconds until more are allowed.
arguments.hitPeek = 2
reads.hitPeek = true
function operations.hitPeek(k, a)
  local limit, window = tonumber(ARGV[a]), tonumber(ARGV[a + 1])
  local total, _, oldest = hits_of(KEYS[k], window)
  if is_failure(total) then
    return total
  end
  return {math.max(0, limit - total), oldest and oldest + window - now or 0}
end

-- Returns 1 or 0.
arguments.hitReset = 0
function operations.hitReset(k)
  return redis.call('DEL', KEYS[k])
end
