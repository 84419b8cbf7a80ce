from django.urls import path

from audit.views import AuditExportView, AuditView

urlpatterns = [
    path("api/v1/audit", AuditView.as_view(), name="audit"),
    path("api/v1/audit/export", AuditExportView.as_view(), name="audit-export"),
]
