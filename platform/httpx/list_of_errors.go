package httpx

import (
	"cmp"
	"net/http"
	"slices"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
)

// Refusal is an error answer as the documentation lists it.
type Refusal struct {
	Status     int
	Code, When string
}

// Refusals lists every error answer, by status and code: those of this package, and those of the other parts.
func Refusals(parts []errs.List) []Refusal {
	all := slices.Clone(refusals)
	for _, part := range append(parts, ofAnyOperation) {
		for _, e := range part.Errors {
			all = append(all, Refusal{statuses[e.Kind], e.Code, e.When})
		}
	}
	slices.SortFunc(all, func(a, b Refusal) int { return cmp.Or(a.Status-b.Status, cmp.Compare(a.Code, b.Code)) })
	return all
}

// Rules lists every code that stands in a problem's errors, sorted: those of this package, and those of the other parts.
func Rules(parts []errs.List) []errs.Rule {
	var all []errs.Rule
	for _, part := range append(parts, ofAnyOperation) {
		all = append(all, part.Rules...)
	}
	slices.SortFunc(all, func(a, b errs.Rule) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// refusals are the problems that are made with a status instead of an errs.Kind.
var refusals = []Refusal{
	{http.StatusBadRequest, "unreadable_body", "The body is not JSON, or an object in it has two fields of one name."},
	{http.StatusBadRequest, "body_required", "The body is missing."},
	{http.StatusBadRequest, "partial_body", "The request has `Content-Range`."},
	{http.StatusBadRequest, "body_incomplete", "The connection ended before the whole body arrived."},
	{http.StatusMethodNotAllowed, "method_not_allowed", "The path exists, but not with this method. The header `Allow` lists its methods."},
	{http.StatusRequestTimeout, "body_timeout", "The body did not arrive in time."},
	{http.StatusRequestEntityTooLarge, "body_too_large", "The body exceeds the [limit](api.md#requests)."},
	{http.StatusUnsupportedMediaType, "unsupported_media_type", "`Content-Type` is missing, or is not JSON in UTF-8."},
	{http.StatusUnsupportedMediaType, "unsupported_content_encoding", "The body is compressed. The header `Accept-Encoding: identity` says what the server takes."},
	{http.StatusUnprocessableEntity, errs.CodeValidation, "The input violates rules; `errors` lists them."},
	{http.StatusInternalServerError, "internal", "The server has a fault. Its log explains it, under the `request_id`."},
}

// ofAnyOperation are the errors that more than one module answers.
var ofAnyOperation = errs.List{
	Errors: []errs.Described{
		{Error: errKeyUnreadable, When: "The header [`Idempotency-Key`](api.md#sending-a-request-again-idempotency-key) is not 1 to 255 visible ASCII characters."},
		{Error: errKeyReused, When: "The caller sent this `Idempotency-Key` before, with another request."},
		{Error: errAlreadyDone, When: "The first request with this `Idempotency-Key` succeeded, and its answer was not kept: requests or answers of this operation may hold a secret, as when a user is created."},
		{Error: change.ErrUnderWay, When: "The first request with this [`Idempotency-Key`](api.md#sending-a-request-again-idempotency-key) is not finished yet."},
		{Error: change.ErrOutcomeUnknown, When: "The database's answer to a change got lost, so the change is stored or not. Send the request again with the same [`Idempotency-Key`](api.md#sending-a-request-again-idempotency-key), or read the object before you try again."},
		{Error: authn.ErrNotSignedIn, When: "The request has neither a token nor a session cookie of this server."},
		{Error: authz.ErrForbidden, When: "The caller lacks the [permission](api/roles-and-grants.md#403-404-or-422), everywhere or at this place. `detail` may say more."},
		{Error: errCrossOrigin, When: "A browser sent a change for a page of another origin. `CORS_ORIGINS` lists the origins that may."},
		{Error: errUnknownHost, When: "Only with [`--open`](api.md#open-to-everybody), and at `ADMIN_ADDR`: the header `Host` is neither an address, nor `localhost`, nor the configured name."},
		{Error: errNoRoute, When: "The path does not exist."},
		{Error: etag.ErrStale, When: "Somebody changed the object since the version in `If-Match`."},
		{Error: errTooManyAtOnce, When: "[Too many requests](api.md#many-requests-at-once) of this user, or of this address without a user, run at the same time. Retry after `Retry-After` seconds."},
		{Error: errBusy, When: "The server is making too many large answers, such as trees. Retry after `Retry-After` seconds."},
	},
	Rules: []errs.Rule{
		{Code: "required", Value: "is missing"},
		{Code: "unknown_field", Value: "is not a field of this operation"},
		{Code: "unknown_parameter", Value: "is not a query parameter of this operation"},
		{Code: "repeated", Value: "is a query parameter that is given twice"},
		{Code: "blank", Value: "has no visible character, or is an empty query parameter"},
		{Code: "null", Value: "must not be null"},
		{Code: "wrong_type", Value: "has another type, such as a text where a number belongs, or an id beyond 64 bits"},
		{Code: "too_short", Value: "has too few characters"},
		{Code: "too_long", Value: "has too many characters"},
		{Code: "too_few", Value: "is a list with too few elements"},
		{Code: "too_many", Value: "is a list with too many elements"},
		{Code: "too_small", Value: "is a number below the minimum"},
		{Code: "too_large", Value: "is a number above the maximum"},
		{Code: "not_one_of", Value: "is not one of the allowed values, such as the fields to sort by"},
		{Code: "control_character", Value: "is a text with a character that is not allowed"},
		{Code: "not_utf8", Value: "is not UTF-8"},
		{Code: "cursor", Value: "is not a cursor of this list in this order"},
		{Code: "unreadable", Value: "is a query string that cannot be parsed"},
		{Code: "date", Value: "is not a day, such as `2026-03-01`"},
		{Code: "date_time", Value: "is not a timestamp (RFC 3339), such as one with a `+` that is not written as `%2B` in a query"},
		{Code: "out_of_calendar", Value: "is a timestamp outside the years 1 to 9999"},
		{Code: "before_from", Value: "is an end that is not after the beginning"},
		{Code: "email", Value: "is not an email address"},
		{Code: "cannot_change", Value: "cannot be changed"},
		{Code: "invalid", Value: "is invalid in another way"},
	},
}
