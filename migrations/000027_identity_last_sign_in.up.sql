-- When each user signed in last, to find accounts that nobody uses: -infinity for never, so that one index sorts all. It is
-- written after a sign-in, at most once a minute for a user, and changes neither version nor updated_at.
--
-- On 1,000,000 users: the column takes no time. What is known of earlier sign-ins is written to the users' rows, 30 to 60 s if
-- each has signed in, in which users are read and not changed; 1.5 s for the indexes, 110 MB.
ALTER TABLE identity.users ADD COLUMN last_sign_in_at timestamptz NOT NULL DEFAULT '-infinity';
UPDATE identity.users SET last_sign_in_at = last.at
FROM (SELECT user_id, max(at) AS at FROM identity.sign_ins WHERE outcome = 'signed_in' GROUP BY user_id) AS last
WHERE users.id = last.user_id;

CREATE INDEX users_last_sign_in_idx ON identity.users (last_sign_in_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_organization_last_sign_in_idx ON identity.users (organization_id, last_sign_in_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_department_last_sign_in_idx ON identity.users (department_id, last_sign_in_at, id) WHERE deleted_at IS NULL;

COMMENT ON COLUMN identity.users.last_sign_in_at IS '-infinity: never.';
