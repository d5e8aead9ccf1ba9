-- The maximum bytes of one result. Redis closes a connection with subscriptions if more than 32 MiB wait for it: the default of
-- client-output-buffer-limit pubsub. Each of the two lanes of a client may have such a reply waiting.
local MAX_RESULT = 14680064
