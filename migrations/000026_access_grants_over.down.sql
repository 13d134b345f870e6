DROP INDEX access.grants_ended_idx, access.grants_organization_ended_idx, access.grants_department_ended_idx,
    access.grants_valid_from_idx, access.grants_organization_valid_from_idx, access.grants_department_valid_from_idx,
    access.grants_valid_until_idx, access.grants_organization_valid_until_idx, access.grants_department_valid_until_idx;
