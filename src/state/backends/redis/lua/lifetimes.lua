-- Times to live of values. Redis stores the time at which a key expires: where this server's clock is set back, that is
-- further away than the time to live. So the time to live is stored, too, at the key that follows a value's in KEYS,
-- and whoever comes next has it begin anew.

-- Has a value live no longer than its time to live from now on.
local function bound(k)
  local life = redis.call('GET', KEYS[k + 1])
  if life and is_whole(life) and redis.call('PTTL', KEYS[k]) > tonumber(life) then
    redis.call('PEXPIRE', KEYS[k], life)
    redis.call('PEXPIRE', KEYS[k + 1], life)
  end
end

-- Stores a text, with a time to live in milliseconds unless that is '', and on a condition as NX if there is one.
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
