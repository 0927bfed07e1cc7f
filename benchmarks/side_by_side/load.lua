-- Sends requests in turns and says as JSON what came of it. `TEMPLATES`, `HEADERS`, `FIRST` and `NUMBER` are set by
-- load.py; requests.py does the same for one request.
local made = {}
local count = #TEMPLATES
local number = FIRST

function init(_)
   for index, template in ipairs(TEMPLATES) do
      -- What is the same every time is written once.
      if not (template.path .. template.body):find("@", 1, true) then
         made[index] = wrk.format(template.method, template.path, HEADERS, template.body)
      end
   end
end

function request()
   local index = number % count + 1
   local turn = math.floor(number / count)
   local this = tostring(number)
   number = number + 1
   if made[index] then
      return made[index]
   end
   local template = TEMPLATES[index]
   local body = template.body:gsub('"@turn (%d+)-(%d+)@"', function(first, last)
      return tostring(first + turn % (last - first + 1))
   end)
   return wrk.format(template.method, template.path:gsub(NUMBER, this), HEADERS, (body:gsub(NUMBER, this)))
end

function done(summary, latency, _)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "microseconds": %d, "failed": %d, "p50": %.0f, "p99": %.0f}\n',
      summary.requests - errors.status, summary.duration,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)
   ))
end
