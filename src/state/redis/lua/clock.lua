-- The clock of this server, as it stood when the batch began.

local started = redis.call('TIME')

local function now_ms()
  return started[1] * 1000 + math.floor(started[2] / 1000)
end

local function now_us()
  return started[1] * 1000000 + started[2]
end
