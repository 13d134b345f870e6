ALTER TABLE identity.credentials
    ADD COLUMN given_by bigint,
    ADD COLUMN given_at timestamptz,
    ADD CONSTRAINT credentials_given_by_fk FOREIGN KEY (given_by) REFERENCES identity.users (id) ON DELETE RESTRICT;

-- Who gave the passwords that wait to be changed is not known; their time begins now.
UPDATE identity.credentials SET given_at = now() WHERE must_change <> 'no';

COMMENT ON COLUMN identity.credentials.given_by IS 'Of a password that its owner has not changed yet: who gave it; null for the operator.';

CREATE INDEX password_resets_started_by_idx ON identity.password_resets (started_by);

ALTER TABLE identity.sign_ins
    ADD COLUMN made_by bigint,
    ADD CONSTRAINT sign_ins_made_by_fk FOREIGN KEY (made_by) REFERENCES identity.users (id) ON DELETE RESTRICT;

COMMENT ON COLUMN identity.sign_ins.made_by IS 'Who gave the password or started the reset that was used; null for nobody else, or the operator.';
