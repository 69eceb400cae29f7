-- Spends a nonce. KEYS: the nonce. ARGV: a random text of this call's own; how long it is remembered (milliseconds).
-- Returns: 1 if nobody had spent it, else 0. The same call may come twice, since its answer can be lost on the way.
local spent = redis.call('GET', KEYS[1])
if spent then
    return spent == ARGV[1] and 1 or 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
