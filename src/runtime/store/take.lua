-- Takes one request out of a bucket (GCRA), on the store's own clock.
-- KEYS[1]: when the bucket is full again, in microseconds since 1970; not there means full.
-- ARGV: the time in which one request is earned (microseconds), the requests of a full bucket, and requests that were let
-- through meanwhile without asking.
-- Returns: how long to wait, 0 if this one is let through; and how long until the bucket is full (microseconds).
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local capacity = interval * tonumber(ARGV[2])
local owed = interval * tonumber(ARGV[3])
-- What is no number is as good as nothing, and written over.
local held = redis.pcall('GET', KEYS[1])
local full_at = type(held) == 'string' and tonumber(held) or now
if full_at ~= full_at then full_at = now end
if full_at < now then full_at = now end
full_at = full_at + owed
-- Also where the quota was changed, or the clock went back: nobody waits longer than an empty bucket takes.
if full_at > now + capacity then full_at = now + capacity end
local wait = full_at + interval - now - capacity
if wait <= 0 then
    wait = 0
    full_at = full_at + interval
end
if wait == 0 or owed > 0 then
    redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000) + 1)
end
return {wait, full_at - now}
