-- Asks bearergate about each request, and makes what it answers of the request.
--
-- haproxy.cfg loads it (lua-load-per-thread) and calls it with an address that leads to bearergate:
--   http-request lua.bearergate http://127.0.0.1:8082
--
-- Nothing passes by omission: the variable txn.bearergate_allowed is set on the last line of a
-- decision alone, and haproxy.cfg denies each request that doesn't have it. So an error in this
-- script denies as well.

-- HAProxy waits 12 s for bearergate and then answers itself, so this is never reached.
local TIMEOUT_MS = 15000

-- What bearergate judges by. Nothing else of the client's reaches it.
local CREDENTIALS = { "authorization", "cookie" }

-- What a 200 says of the user; Confluence gets these headers.
local IDENTITY = { "x-auth-username", "x-auth-provider", "x-auth-method", "x-auth-groups" }

-- What a refusal takes to the client.
local REFUSAL = {
    "content-type", "cache-control", "retry-after", "www-authenticate", "x-auth-reason",
    "x-request-id",
}

-- All values of a header. HAProxy counts them from 0, and doesn't split what is written as a list.
local function values(headers, name)
    local all = {}
    for _, value in pairs(headers[name] or {}) do
        table.insert(all, value)
    end
    return all
end

-- The value of a header that each 200 bears exactly once; nil where it is missing or repeated.
local function only(headers, name)
    local all = values(headers, name)
    if #all == 1 then
        return all[1]
    end
    return nil
end

local function refuse(txn, status, headers, body)
    local reply = txn:reply({ status = status, body = body })
    for _, header in ipairs(headers) do
        reply:add_header(header[1], header[2])
    end
    txn:done(reply)
end

local function undecided(txn)
    refuse(txn, 503, {
        { "content-type", "application/problem+json" },
        { "cache-control", "no-store" },
        { "retry-after", "5" },
    }, '{"type":"about:blank","title":"Service Unavailable","status":503,'
        .. '"detail":"bearergate could not be asked."}')
end

-- The question: the request line as the client sent it, and its credentials, each as often as it came.
local function ask(txn, gate)
    local received = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-uri"] = { txn.sf:url() },
        ["x-forwarded-for"] = { txn.sf:src() },
        ["x-request-id"] = { txn.sf:unique_id() },
    }
    for _, name in ipairs(CREDENTIALS) do
        local sent = values(received, name)
        if #sent > 0 then
            headers[name] = sent
        end
    end
    return core.httpclient():get({
        url = gate .. "/validate/forward-auth",
        headers = headers,
        timeout = TIMEOUT_MS,
    })
end

-- Overwrites what the client sent under these names; false where the 200 is not one of bearergate's.
local function hand_over(txn, answer)
    local identity = {}
    for _, name in ipairs(IDENTITY) do
        identity[name] = only(answer, name)
        if identity[name] == nil then
            return false
        end
    end
    local authorization = only(answer, "authorization")
    if authorization == nil or identity["x-auth-method"] == "" then
        return false
    end
    for name, value in pairs(identity) do
        txn.http:req_set_header(name, value)
    end
    if authorization == "" then
        txn.http:req_del_header("authorization")
    else
        txn.http:req_set_header("authorization", authorization)
    end
    txn:set_var("txn.bearergate_method", identity["x-auth-method"])
    txn:set_var("txn.bearergate_expected_user", only(answer, "x-auth-expected-user") or "")
    return true
end

local function decide(txn, gate)
    local response = ask(txn, gate)
    local status = response and response.status or 0
    if status == 200 and hand_over(txn, response.headers) then
        txn:set_var("txn.bearergate_allowed", true)
    elseif status >= 400 and only(response.headers, "x-auth-reason") then
        local headers = {}
        for _, name in ipairs(REFUSAL) do
            for _, value in ipairs(values(response.headers, name)) do
                table.insert(headers, { name, value })
            end
        end
        refuse(txn, status, headers, response.body)
    else
        -- HAProxy itself answers 503 or 504 where bearergate doesn't, and gives no reason.
        undecided(txn)
    end
end

core.register_action("bearergate", { "http-req" }, decide, 1)
