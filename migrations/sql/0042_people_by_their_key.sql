-- As in 0041, for those a group's members are checked against: where every tenant had one subscriber
-- when they were last counted, finding one by its key cost no less by the names of the tenant, and of
-- two such indexes the planner takes the younger one. An import then read the tenant's people whole
-- for each member it added.
ALTER TABLE group_members DROP CONSTRAINT group_members_tenant_id_subscriber_id_fkey;
ALTER TABLE subscribers DROP CONSTRAINT subscribers_pkey;
ALTER TABLE subscribers ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE group_members ADD FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscribers (tenant_id, id);
