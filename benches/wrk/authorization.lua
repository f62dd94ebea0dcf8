-- Sends what an nginx asks, with the lines of a file as Authorization headers: one a request, in their
-- order, from the start again after the last. A file without lines means no credential.
-- With a mean pause, in milliseconds, each connection waits before each request: from 1 to twice the mean less 1.
--   wrk -s authorization.lua URL -- FILE [PAUSE]

local prepared = {}
local last = 0

function init(arguments)
   wrk.headers["X-Original-Method"] = "GET"
   wrk.headers["X-Original-URI"] = "/rest/api/content/1"
   -- Made beforehand: the client must not be what is measured.
   for line in io.lines(arguments[1]) do
      wrk.headers["Authorization"] = line
      table.insert(prepared, wrk.format())
   end
   if #prepared == 0 then
      table.insert(prepared, wrk.format())
   end
   -- Only where it is asked for: wrk waits for a timer where this function exists.
   local pause = tonumber(arguments[2])
   if pause then
      function delay()
         return math.random(1, 2 * pause - 1)
      end
   end
end

function request()
   last = last % #prepared + 1
   return prepared[last]
end

-- The line that the benchmark reads: requests, refusals (a status above 399), failures, microseconds.
function done(summary, latency)
   local errors = summary.errors
   local failures = errors.connect + errors.read + errors.write + errors.timeout
   io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, errors.status, failures,
      summary.duration, latency:percentile(50), latency:percentile(99)))
end
