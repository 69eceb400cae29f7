-- Hands over a token that is not known yet, or the turn to sign in.
-- KEYS: the token, the lock, the fence.
-- ARGV: what the caller has seen under the first key, empty for nothing; the caller's name; how long its turn lasts (milliseconds).
-- Returns: {1, token, how long it lives}, {2, fence} for the caller's turn, or {3} where it is somebody else's.
local token = redis.call('GET', KEYS[1]) or ''
if token ~= '' and token ~= ARGV[1] then
    return {1, token, redis.call('PTTL', KEYS[1])}
end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then
    return {3}
end
local fence = redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], 86400000)
return {2, fence}
