DROP INDEX identity.users_email_idx, identity.users_organization_email_idx, identity.users_department_email_idx;
CREATE INDEX users_email_idx ON identity.users (email, id) WHERE deleted_at IS NULL;
CREATE INDEX users_organization_email_idx ON identity.users (organization_id, email, id) WHERE deleted_at IS NULL;
CREATE INDEX users_department_email_idx ON identity.users (department_id, email, id) WHERE deleted_at IS NULL;
DROP INDEX identity.users_employment_idx, identity.users_organization_employment_idx, identity.users_department_employment_idx,
    identity.users_employee_number_idx, identity.users_organization_employee_number_idx, identity.users_department_employee_number_idx,
    identity.users_employee_number_key;
ALTER TABLE identity.users
    DROP CONSTRAINT users_have_a_name, DROP CONSTRAINT users_have_keys, DROP CONSTRAINT users_employment, DROP CONSTRAINT users_left_after_they_joined,
    ADD CONSTRAINT users_have_a_name CHECK (email IS NOT NULL OR employee_number IS NOT NULL) NOT VALID,
    ADD CONSTRAINT users_have_keys CHECK ((email IS NULL) = (email_digest IS NULL) AND (employee_number IS NULL) = (employee_number_key IS NULL)) NOT VALID,
    ADD CONSTRAINT users_employment CHECK (employment IN ('employed', 'on_leave', 'left')) NOT VALID,
    ADD CONSTRAINT users_left_after_they_joined CHECK (left_on >= joined_on) NOT VALID;
