-- Says that a replica is there, and counts those that are.
-- KEYS[1]: the replicas, by when they said so last. KEYS[2]: a text by which the store's data is known.
-- ARGV: the replica's name; for how long one counts (milliseconds); a text for KEYS[2] where there is none.
-- Returns: how many there are, and that text.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local added = redis.pcall('ZADD', KEYS[1], now, ARGV[1])
if type(added) == 'table' and added.err then
    -- Something else is there, which nobody needs.
    redis.call('DEL', KEYS[1])
    redis.call('ZADD', KEYS[1], now, ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
-- Nobody was there in the future.
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + tonumber(ARGV[2]), '+inf')
local known = redis.pcall('GET', KEYS[2])
if type(known) ~= 'string' then
    known = ARGV[3]
    redis.call('SET', KEYS[2], known)
end
return {redis.call('ZCARD', KEYS[1]), known}
