-- Rate limits with a sliding window.

-- A window is one text: the sum of its hits (10 digits), and for each step with hits, oldest first, the time of its
-- last hit (13 digits) and the number of its hits (11 digits). The fields have a fixed width, so the text need not be
-- parsed.

-- Returns the sum of the hits in the window, their steps, and the time of the oldest step; or a failure.
local function hits_of(key, window)
  local text = attempt(key, 'GET', key)
  if is_failure(text) then
    return text
  end
  if text and (#text % 24 ~= 10 or string.find(text, '%D')) then
    return '!backend ' .. foreign(key, 'rate limit')
  end
  local total, steps, oldest = 0, '', nil
  if text then
    total = tonumber(string.sub(text, 1, 10))
    local first = 11
    -- Hits from the future: the server's clock was set back. They would count for too long.
    while first < #text and tonumber(string.sub(text, -24, -12)) > now do
      total = total - tonumber(string.sub(text, -11))
      text = string.sub(text, 1, -25)
    end
    while first < #text do
      oldest = tonumber(string.sub(text, first, first + 12))
      if oldest <= now and oldest + window > now then
        break
      end
      total = total - tonumber(string.sub(text, first + 13, first + 23))
      first = first + 24
    end
    steps = string.sub(text, first)
  end
  return total, steps, steps ~= '' and oldest or nil
end

-- Arguments: count, cost of each, limit, window, length of a step in milliseconds.
-- Returns the number of allowed hits, the remaining number, and the milliseconds until more are allowed.
arguments.hit = 5
function operations.hit(k, a)
  local key = KEYS[k]
  local count, cost, limit = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
  local window, step = tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  local total, steps, oldest = hits_of(key, window)
  if is_failure(total) then
    return total
  end
  local allowed = math.max(0, math.min(count, math.floor((limit - total) / cost)))
  if allowed > 0 then
    local times = allowed * cost
    total = total + times
    if steps ~= '' and math.floor(string.sub(steps, -24, -12) / step) == math.floor(now / step) then
      times = times + string.sub(steps, -11)
      steps = string.sub(steps, 1, -25)
    end
    if steps == '' then
      oldest = now
    end
    steps = steps .. string.format('%013.0f%011.0f', now, times)
    local reply = attempt(key, 'SET', key, string.format('%010.0f', total) .. steps, 'PX', window)
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
