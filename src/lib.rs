//! bearergate puts OAuth 2.0 / OpenID Connect in front of the REST APIs of Atlassian Data Center.
