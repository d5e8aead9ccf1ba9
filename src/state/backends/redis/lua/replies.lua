-- What operations answer.
--
-- An operation is called with the index of its first key in KEYS and of its first argument in ARGV. It
-- answers with what a client can read as it is; with false for nothing; with "!type", "!integer",
-- "!range" or "!full" and what it found if it did nothing for a reason of its own.

local function not_a(key)
  return '!type ' .. redis.call('TYPE', key).ok
end

local function failed(reply)
  return type(reply) == 'table' and reply.err
end

-- What an operation answers that could not be carried out: "!full" where this server has no memory left for it.
local function refusal(why)
  local is_full = string.find(why, 'OOM command not allowed', 1, true)
  return (is_full and '!full ' or '!backend ') .. why
end

-- What a command answers; why it could not be carried out where something else stands at the key.
local function attempt(key, ...)
  local reply = redis.pcall(...)
  if failed(reply) then
    if string.find(reply.err, 'WRONGTYPE', 1, true) then
      return not_a(key)
    end
    return refusal(reply.err)
  end
  return reply
end

-- What is wrong with a key of ours at which something stands that this version has not written.
local function foreign(key, what)
  return 'what stands at "' .. key .. '" is no ' .. what .. ' of this version of nestjs-cluster'
end

local function is_failure(reply)
  return type(reply) == 'string' and string.byte(reply) == 33
end

-- As Redis reads them: no zeros in front, and none that is negative
local function is_whole(text)
  return text == '0' or string.find(text, '^-?[1-9]%d*$') ~= nil
end

-- Clients read integers digit by digit, as floating point numbers: the last digit of large ones gets lost.
local function exact(number)
  if number > 1e15 or number < -1e15 then
    return string.format('%.0f', number)
  end
  return number
end

-- By name: what it does; how many arguments it has; how many keys, if not one; whether it changes nothing,
-- and can be done again instead of being remembered.
local operations, arguments, keys, reads = {}, {}, {}, {}
