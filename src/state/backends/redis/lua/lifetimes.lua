-- Times to live of values. Redis stores the time at which a key expires. If the server's clock is set back, the key
-- would live longer than its time to live. So the time to live itself is stored, too, at the key after the value's in
-- KEYS, and the next access restarts it.

-- Limits the remaining life of a value to its time to live, which is read unless it is known.
local function bound(k, life)
  life = life or redis.call('GET', KEYS[k + 1])
  if life and is_whole(life) and redis.call('PTTL', KEYS[k]) > tonumber(life) then
    redis.call('PEXPIRE', KEYS[k], life)
    redis.call('PEXPIRE', KEYS[k + 1], life)
  end
end

-- Stores a text. `milliseconds` is the time to live, or ''; further arguments are conditions of SET such as NX.
local function store(k, text, milliseconds, ...)
  local key, life = KEYS[k], KEYS[k + 1]
  if milliseconds == '' then
    local reply = attempt(key, 'SET', key, text, ...)
    if reply and not is_failure(reply) then
      redis.call('DEL', life)
    end
    return reply
  end
  local reply = attempt(key, 'SET', key, text, 'PX', milliseconds, ...)
  if reply and not is_failure(reply) then
    redis.call('SET', life, milliseconds, 'PX', milliseconds)
  end
  return reply
end
