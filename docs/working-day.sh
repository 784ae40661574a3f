#!/usr/bin/env bash
# shellcheck disable=SC2016 # what is printed must not expand here
# A working day of one ticket, by curl: every step prints the command and the answer, as Markdown.
#   docs/working-day.sh http://127.0.0.1:8080 <token of an admin>  > docs/working-day.md
# Needs a desk with nothing but its first settings, curl, and node (any version) to read JSON.
set -euo pipefail
URL=$1 ADMIN=$2
AGENT='' CUSTOMER='' ANSWER=''
# A PNG of one pixel.
PIXEL=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==

section() { printf '\n## %s\n\n%s\n' "$1" "$2"; }

# pick EXPRESSION: a value of the last answer, which the expression knows as `it`.
pick() { node -e 'const it = JSON.parse(process.argv[1]); process.stdout.write(String(eval(process.argv[2])))' "$ANSWER" "$1"; }

# call WHO METHOD PATH [BODY]: sends a request and prints both sides; the answer stays in ANSWER. Any change may be made
# on any version of the ticket (If-Match: *): this is a story, not a race.
call() {
  local who=$1 method=$2 path=$3 body=${4-} token status
  case $who in admin) token=$ADMIN ;; agent) token=$AGENT ;; *) token=$CUSTOMER ;; esac
  local words="curl -X $method \"\$URL$path\" -H \"Authorization: Bearer \$${who^^}\""
  local sent=(-sS -X "$method" "$URL$path" -H "Authorization: Bearer $token")
  if [ "$method" != GET ]; then
    words+=" -H 'If-Match: *'"
    sent+=(-H 'If-Match: *')
  elif [ -n "${POSITION-}" ]; then
    sent+=(-H "Desk-Min-Position: $POSITION")
  fi
  if [ -n "$body" ]; then
    words+=" --json '$body'"
    sent+=(-H 'Content-Type: application/json' --data "$body")
  fi
  ANSWER=$(curl "${sent[@]}" -w '\n%{http_code}')
  status=${ANSWER##*$'\n'}
  ANSWER=${ANSWER%$'\n'*}
  [ "$method" = GET ] || POSITION=$(pick 'it?.position ?? ""' 2>/dev/null || true)
  printf '\n```console\n$ %s\n%s %s\n```\n' "$words" "$status" "$(shorten)"
  [ "${EXPECT-2}" = "${status:0:1}" ] || { echo "unexpected answer to $method $path" >&2; exit 1; }
}

# The last answer on one line, as much of it as a reader takes in.
shorten() {
  local text=${ANSWER//$'\n'/ }
  if [ ${#text} -gt 420 ]; then printf '%s …' "${text:0:420}"; else printf '%s' "$text"; fi
}

# refused WHO METHOD PATH [BODY]: the same for a request that the desk must refuse.
refused() { EXPECT=4 call "$@"; }

# await WHO PATH EXPRESSION: asks again until the expression holds of the answer, ten seconds at most; the last one is printed.
await() {
  for _ in $(seq 50); do
    call "$1" GET "$2" >/dev/null
    [ "$(pick "$3")" = true ] && break
    sleep 0.2
  done
  call "$1" GET "$2"
  [ "$(pick "$3")" = true ] || { echo "$2 has not come to $3" >&2; exit 1; }
}

# form PATH PART...: sends a form with files, as a browser does; each part as curl's --form has it.
form() {
  local path=$1 words parts=() part
  shift
  words="curl \"\$URL$path\" -H \"Authorization: Bearer \$AGENT\" -H 'If-Match: *'"
  for part in "$@"; do
    parts+=(--form "$part")
    words+=" --form '${part//\'/\'\\\'\'}'"
  done
  ANSWER=$(curl -sS "$URL$path" -H "Authorization: Bearer $AGENT" -H 'If-Match: *' "${parts[@]}")
  printf '\n```console\n$ %s\n%s\n```\n' "$words" "$(shorten)"
  pick it.commentId >/dev/null
}

cat <<'TEXT'
# A working day of one ticket

Written by [working-day.sh](working-day.sh) against a fresh desk: each command was sent as it stands here and each answer is the
desk's, cut where it is long. `$URL` is the desk, `$ADMIN`, `$AGENT` and `$CUSTOMER` are API tokens; `If-Match: *` stands for "whatever version".
TEXT

section 'Before the day' 'An agent, a customer, a service of the catalogue, a field and a status of the desk'"'"'s own.'
call admin POST /v1/people '{"name":"Ines Duarte","emails":["ines@desk.example"],"roles":["agent"]}'
INES=$(pick it.id)
call admin POST "/v1/people/$INES/tokens" '{"role":"agent","label":"working day"}' >/dev/null
AGENT=$(pick it.token)
call admin POST /v1/people '{"name":"Maria Silva","emails":["maria@acme.example"],"roles":["customer"]}'
MARIA=$(pick it.id)
call admin POST "/v1/people/$MARIA/tokens" '{"role":"customer","label":"portal"}' >/dev/null
CUSTOMER=$(pick it.token)
call admin PUT /v1/settings/service/export '{"name":"Data export","parentId":null,"active":true}'
call admin PUT /v1/settings/ticket-type/incident '{"name":"Incident","active":true}'
call admin PUT /v1/settings/field/order-number '{"name":"Order number","type":"text","mask":"AA-####","visibleToCustomer":true,"editableByCustomer":true}'
call admin PUT /v1/settings/status/waiting-for-vendor '{"name":"Waiting for vendor","category":"on-hold","order":50,"publicName":"With our supplier"}'

section '9:00 A request comes in' 'With all that is known about it. The desk gives it a number and starts its SLA clocks.'
call customer POST /v1/tickets '{"subject":"Export fails","text":"The nightly export stops at 99 %.","serviceId":"export","fields":{"order-number":"AB-1234"}}'
TICKET=$(pick it.number)
refused customer POST /v1/tickets '{"subject":"Again","text":"x","fields":{"order-number":"what?"}}'

section '9:05 An agent takes it' 'Impact and urgency give the priority; targets follow. Tags, type, language and a follower help to find it.'
call agent PUT "/v1/tickets/$TICKET/assignment" "{\"groupId\":null,\"agentId\":\"$INES\"}"
call agent PUT "/v1/tickets/$TICKET/type" '{"typeId":"incident"}'
call admin PUT /v1/settings/priority-matrix/default '{"low":{"low":"low","medium":"normal","high":"normal"},"medium":{"low":"normal","medium":"normal","high":"high"},"high":{"low":"normal","medium":"high","high":"urgent"}}'
call agent PUT "/v1/tickets/$TICKET/assessment" '{"impact":"high","urgency":"medium"}'
call agent POST "/v1/tickets/$TICKET/tags" '{"add":["Export","nightly"]}'
call agent PUT "/v1/tickets/$TICKET/language" '{"language":"en"}'

section '9:20 Two people write at once' 'What the customer added meanwhile is told to the agent who answers an older version.'
call customer GET "/v1/tickets/$TICKET"
SEEN=$(pick it.version)
call customer POST "/v1/tickets/$TICKET/comments" '{"visibility":"public","text":"It happens on Mondays only."}'
COMMENT=$(pick it.commentId)
STALE=$(curl -sS -X POST "$URL/v1/tickets/$TICKET/comments" -H "Authorization: Bearer $AGENT" -H "If-Match: \"$SEEN\"" \
  -H 'Content-Type: application/json' --data '{"visibility":"public","text":"When does it happen?"}')
ANSWER=$STALE
printf '\n```console\n$ curl -X POST $URL/v1/tickets/%s/comments -H "Authorization: Bearer $AGENT" -H '"'"'If-Match: "%s"'"'"' --json '"'"'{"visibility":"public","text":"When does it happen?"}'"'"'\n412 %s\n```\n' "$TICKET" "$SEEN" "$(shorten)"
call agent POST "/v1/tickets/$TICKET/comments" '{"visibility":"public","text":"Thank you, we look into Mondays.","html":"<p>Thank you, we look into <b>Mondays</b>.</p><table><tr><td>kept</td></tr></table><script>gone()</script>"}'

section '9:40 The telephone rings' 'While it is typed in, the desk shows who may be calling and about what. Caller, company and ticket are one request, solved at once; a number that somebody has already is asked about.'
call agent GET '/v1/calls/suggestions?name=mar&subject=export'
call agent POST /v1/calls '{"caller":{"name":"Jon Bell","phones":["+1 555 0142"],"emails":["jon@acme.example"]},"subject":"Where is the export?","text":"He misses the export of last night.","answer":{"text":"We know of it, and are at it."},"solved":true}'
CALL=$(pick it.ticket.number)
refused agent POST /v1/calls '{"caller":{"name":"J. Bell","phones":["(555) 01-42"]},"subject":"Export","text":"Still nothing."}'
call agent PUT "/v1/tickets/$CALL/links/related/$TICKET"

section '10:00 The same thing twice' 'A second ticket about it is merged; taken back, it is as if never merged; merged again, its number leads here.'
call customer POST /v1/tickets '{"subject":"Export broken again","text":"Same as before, order AB-1234."}'
TWIN=$(pick it.number)
refused agent PUT "/v1/tickets/$TICKET/merge" "{\"into\":\"$TICKET\"}"
call agent PUT "/v1/tickets/$TWIN/merge" "{\"into\":\"$TICKET\"}"
refused agent PUT "/v1/tickets/$TWIN/priority" '{"priority":"low"}'
call agent DELETE "/v1/tickets/$TWIN/merge"
call agent GET "/v1/tickets/$TWIN"
call agent PUT "/v1/tickets/$TWIN/merge" "{\"into\":\"$TICKET\"}"

section '10:30 Something else in the same mail' 'One message is split off into a ticket of its own; another ticket becomes a child, and one is linked.'
call agent POST "/v1/tickets/$TICKET/comments/$COMMENT/split" '{"subject":"Mondays"}'
MONDAYS=$(pick it.number)
call agent PUT "/v1/tickets/$MONDAYS/parent" "{\"parent\":\"$TICKET\"}"
refused agent PUT "/v1/tickets/$TICKET/parent" "{\"parent\":\"$MONDAYS\"}"
call agent PUT "/v1/tickets/$TICKET/links/caused-by/$MONDAYS"

section '10:45 A line above' 'The ticket is handed over to the group above its own, and taken back, as if it had stayed. Somebody who is absent is passed over by routing, and their tickets have a queue.'
call admin POST /v1/groups '{"name":"First line"}'
FIRST=$(pick it.id)
call admin POST /v1/groups '{"name":"Second line"}'
SECOND=$(pick it.id)
call admin PUT "/v1/groups/$FIRST/members/$INES"
call admin PUT "/v1/groups/$FIRST/line" "{\"line\":1,\"escalatesTo\":\"$SECOND\"}"
refused admin PUT "/v1/groups/$SECOND/line" "{\"line\":2,\"escalatesTo\":\"$FIRST\"}"
call agent PUT "/v1/tickets/$TICKET/assignment" "{\"groupId\":\"$FIRST\",\"agentId\":\"$INES\"}"
call agent POST "/v1/tickets/$TICKET/escalation" '{"reason":"The export runs on their server."}'
call agent GET "/v1/tickets/$TICKET/history?limit=200"
HANDED=$(pick 'it.items.findLast(({ type }) => type === "TicketAssigned").id')
call agent POST "/v1/tickets/$TICKET/undo" "{\"eventId\":\"$HANDED\"}"
call admin PUT "/v1/agents/$INES/capacity" '{"maxOpenTickets":20}'
call agent POST "/v1/agents/$INES/absences" "{\"from\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"to\":\"2099-01-01T00:00:00Z\",\"reason\":\"Dentist\"}"
ABSENCE=$(pick it.id)
call admin GET "/v1/agents?group=$FIRST"
call admin GET /v1/queues/absent
call agent DELETE "/v1/agents/$INES/absences/$ABSENCE"

section '11:00 The supplier has to help' 'A status of the desk'"'"'s own, which pauses the clocks, and a day on which the ticket comes back by itself.'
TOMORROW=$(node -p 'new Date(Date.now() + 86_400_000).toISOString()')
call agent PUT "/v1/tickets/$TICKET/status" "{\"status\":\"waiting-for-vendor\",\"resumeAt\":\"$TOMORROW\"}"
call customer GET "/v1/tickets/$TICKET"
call agent GET "/v1/tickets/$TICKET/sla"

section '11:30 Work is put on record' 'With a specification of what was done, which may be billed.'
call agent POST "/v1/tickets/$TICKET/work" '{"minutes":35,"billable":true,"specification":"Read the logs of three Mondays"}'
WORK=$(pick it.workId)
call agent PUT "/v1/tickets/$TICKET/work/$WORK" '{"minutes":40}'
call agent GET '/v1/reports/work'

section '12:00 Others are called in' 'A colleague and a contact of the client are found by what one knows of them, and mentioned: they are told and may read the ticket, and it stays with its agent. Who looks at it or types just now is known to everybody on it, and to nobody afterwards.'
call admin POST /v1/people '{"name":"Omar Haddad","emails":["omar@desk.example"],"roles":["agent"]}'
OMAR=$(pick it.id)
call agent GET '/v1/mentions?q=haddad'
form "/v1/tickets/$TICKET/comments" "body={\"visibility\":\"internal\",\"html\":\"<p>Omar, is this ours?</p><p><img src='cid:screen'></p>\",\"mentions\":[{\"kind\":\"person\",\"id\":\"$OMAR\"}]}" \
  'screen=@-;filename=screen.png;type=image/png' < <(base64 -d <<< "$PIXEL")
call agent PUT "/v1/tickets/$TICKET/presence" '{"state":"typing"}'
call admin GET "/v1/tickets/$TICKET/presence"

section '12:30 What should not have been said' 'A message of one'"'"'s own is edited, a password is taken out of the customer'"'"'s. Both leave their trace, and the words are shown to nobody but auditors.'
call agent POST "/v1/tickets/$TICKET/comments" '{"visibility":"internal","text":"The sever is theirs."}'
NOTE=$(pick it.commentId)
call agent PUT "/v1/tickets/$TICKET/comments/$NOTE" '{"text":"The server is theirs."}'
call customer POST "/v1/tickets/$TICKET/comments" '{"visibility":"public","text":"Log in as me: hunter2"}'
SECRET=$(pick it.commentId)
call agent POST "/v1/tickets/$TICKET/comments/$SECRET/redactions" '{"parts":[{"kind":"text","from":14,"to":21}],"reason":"a password"}'
call customer GET "/v1/tickets/$TICKET/timeline?limit=5"

section '13:00 What is written down once' 'An article answers the question from now on: it is drafted, published, suggested for the ticket and attached to it.'
call admin POST /v1/articles '{"language":"en","title":"Why the nightly export stops","text":"The export stops while the supplier backs up, on Mondays.","visibility":"public","tags":["export"]}'
ARTICLE=$(pick it.id)
call admin PUT "/v1/articles/$ARTICLE/translations/en/publication"
call agent GET "/v1/tickets/$TICKET/suggestions"
call agent PUT "/v1/tickets/$TICKET/articles/$ARTICLE" '{"language":"en"}'
call customer GET '/v1/kb/articles?q=export'

section '13:30 Many at once, and back' 'A macro does several things in one step, with variables; a bulk action does one thing to many tickets. Both are undone by events of their own, except for what was said: the macro has left a note.'
call admin PUT /v1/settings/macro/on-it '{"name":"We are on it","actions":[{"do":"note","text":"{{agent.name}} is on #{{ticket.number}}"},{"do":"priority","to":"urgent"},{"do":"tags","add":["on-it"]}]}'
call agent POST "/v1/tickets/$TICKET/macros/on-it"
call agent GET "/v1/tickets/$TICKET/history?limit=200"
MACRO=$(pick 'it.items.findLast(({ type }) => type === "TicketPriorityChanged").id')
call admin PUT /v1/settings/canned-reply/hello '{"name":"Hello","text":"Hello {{requester.name | there}}, your number is {{ticket.number}}."}'
call agent POST "/v1/tickets/$TICKET/canned-replies/hello"
call agent POST /v1/bulk-actions '{"action":{"do":"tags","add":["monday"]},"filter":{"agent":"'"$INES"'"}}'
BULK=$(pick it.id)
await agent "/v1/bulk-actions/$BULK" 'it.status === "completed"'
call agent GET "/v1/bulk-actions/$BULK/results"
call agent POST "/v1/bulk-actions/$BULK/undo"
UNDOING=$(pick it.id)
await agent "/v1/bulk-actions/$UNDOING" 'it.status === "completed"'
refused agent POST "/v1/tickets/$TICKET/undo" "{\"eventId\":\"$MACRO\"}"
call agent PUT "/v1/tickets/$TICKET/priority" '{"priority":"low"}'
call agent GET "/v1/tickets/$TICKET/history?limit=200"
LOWERED=$(pick 'it.items.findLast(({ type }) => type === "TicketPriorityChanged").id')
call agent POST "/v1/tickets/$TICKET/undo" "{\"eventId\":\"$LOWERED\"}"

section '14:00 One person, two entries' 'Maria has written from another address: the two are one from now on, which can be taken back exactly.'
call agent POST /v1/people '{"name":"M. Silva","emails":["m.silva@acme.example"],"roles":["customer"]}'
DOUBLE=$(pick it.id)
call agent PUT "/v1/people/$DOUBLE/merge" "{\"into\":\"$MARIA\"}"
call agent DELETE "/v1/people/$DOUBLE/merge"
call agent GET "/v1/people/$DOUBLE"

section '14:30 Not spam after all' 'A ticket set aside as spam is in no list and no figure; restored, it is as if it had never left.'
call agent PUT "/v1/tickets/$MONDAYS/spam" '{}'
refused agent PUT "/v1/tickets/$MONDAYS/priority" '{"priority":"high"}'
call agent DELETE "/v1/tickets/$MONDAYS/spam"

section '15:00 Solved' 'The field that the service asks for is there, so that the ticket can be resolved; the customer rates it.'
call agent POST "/v1/tickets/$TICKET/comments" '{"visibility":"public","text":"The vendor has mended it, the export runs.","status":"resolved"}'
call customer PUT "/v1/tickets/$TICKET/rating" '{"score":5,"comment":"Quick!"}'
call agent GET /v1/reports/satisfaction
call customer POST "/v1/tickets/$TICKET/comments" '{"visibility":"public","text":"It stopped again."}'
call agent GET "/v1/tickets/$TICKET"

section '16:00 A setting is changed, and changed back' 'Every save is a revision; what changed is told place by place, and an older one can be restored.'
call admin PUT /v1/settings/status/waiting-for-vendor '{"name":"Waiting for supplier","category":"on-hold","order":40}'
call admin GET /v1/settings/status/waiting-for-vendor/diff
call admin POST /v1/settings/status/waiting-for-vendor/restore '{"revision":1}'
call admin GET /v1/settings/status/waiting-for-vendor/revisions

section '17:00 How it came about' 'The replay: every event of the ticket, with who caused it and the state that it led to.'
call agent GET "/v1/tickets/$TICKET/history?limit=200"
node -e '
for (const { actor, at, type } of JSON.parse(process.argv[1]).items)
  console.log(`- ${at.slice(11, 19)} **${type}** by ${actor.name}`);' "$ANSWER"
