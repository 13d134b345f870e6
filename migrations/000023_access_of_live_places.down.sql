ALTER TABLE access.grants
    DROP CONSTRAINT grants_organization_fk,
    DROP CONSTRAINT grants_department_fk,
    ADD CONSTRAINT grants_organization_fk FOREIGN KEY (live_organization_id)
        REFERENCES organization.organizations (id) ON DELETE RESTRICT,
    ADD CONSTRAINT grants_department_fk FOREIGN KEY (live_department_id)
        REFERENCES organization.departments (id) ON DELETE RESTRICT;
