"""The canonical runtime: everything made for a request belongs to one user, and ends with it.

Importing it imports the standard library alone. What needs more is in `integrations`.
"""

from __future__ import annotations

from ssot_migrate.runtime.adapter import RegistryAdapter
from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.architecture import Architecture, choose, selected_architecture
from ssot_migrate.runtime.bridge import AgentWebSocketBridge, BridgeStatus, RunMappingStatus
from ssot_migrate.runtime.bridge_factory import WebSocketBridgeFactory
from ssot_migrate.runtime.class_registry import AgentClassInfo, AgentClassRegistry
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.context import UserExecutionContext, validate_user_context
from ssot_migrate.runtime.emitter import EmitterStatus, UserWebSocketEmitter
from ssot_migrate.runtime.emitter_pool import PoolStats, WebSocketEmitterPool
from ssot_migrate.runtime.engine import UserExecutionEngine
from ssot_migrate.runtime.engine_factory import (
    ExecutionEngineFactory,
    configure_execution_engine_factory,
    get_execution_engine_factory,
    reset_execution_engine_factory,
)
from ssot_migrate.runtime.errors import (
    AgentCancelledError,
    AgentCreationError,
    ConfigurationError,
    ContextClosedError,
    EngineTimeoutError,
    InvalidContextError,
    IsolationError,
    NotConfiguredError,
    RegistrationError,
    RegistryFrozenError,
    RuntimeFault,
    SharedStateError,
    StaleEmitterError,
    SwitchError,
    ToolNotFoundError,
    ToolPermissionError,
    UnknownAgentError,
    UserLimitError,
    WrongLoopError,
)
from ssot_migrate.runtime.events import Delivery, Event, EventType
from ssot_migrate.runtime.health import HealthCheck, HealthStatus, HealthSummary, health_summary
from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits
from ssot_migrate.runtime.metrics import (
    HistogramSnapshot,
    Metric,
    MetricKind,
    MetricsSnapshot,
    RuntimeMetrics,
)
from ssot_migrate.runtime.performance import FactoryPerformanceConfig
from ssot_migrate.runtime.process import (
    configure_agent_instance_factory,
    get_agent_class_registry,
    get_agent_instance_factory,
    reset_agent_instance_factory,
)
from ssot_migrate.runtime.tool_threads import ToolThreads
from ssot_migrate.runtime.tools import UnifiedToolDispatcher, UnifiedToolDispatcherFactory
from ssot_migrate.runtime.user_connection import ConnectionStatus, UserConnection

__all__ = [
    "AgentCancelledError",
    "AgentClassInfo",
    "AgentClassRegistry",
    "AgentCreationError",
    "AgentInstanceFactory",
    "AgentWebSocketBridge",
    "Architecture",
    "BridgeStatus",
    "ConfigurationError",
    "ConnectionRegistry",
    "ConnectionStatus",
    "ContextClosedError",
    "Delivery",
    "EmitterStatus",
    "EngineLimits",
    "EngineTimeoutError",
    "Event",
    "EventType",
    "ExecutionEngineFactory",
    "FactoryLimits",
    "FactoryPerformanceConfig",
    "HealthCheck",
    "HealthStatus",
    "HealthSummary",
    "HistogramSnapshot",
    "InvalidContextError",
    "IsolationError",
    "Metric",
    "MetricKind",
    "MetricsSnapshot",
    "NotConfiguredError",
    "PoolStats",
    "RegistrationError",
    "RegistryAdapter",
    "RegistryFrozenError",
    "RunMappingStatus",
    "RuntimeFault",
    "RuntimeMetrics",
    "SharedStateError",
    "StaleEmitterError",
    "SwitchError",
    "ToolNotFoundError",
    "ToolPermissionError",
    "ToolThreads",
    "UnifiedToolDispatcher",
    "UnifiedToolDispatcherFactory",
    "UnknownAgentError",
    "UserConnection",
    "UserExecutionContext",
    "UserExecutionEngine",
    "UserLimitError",
    "UserWebSocketEmitter",
    "WebSocketBridgeFactory",
    "WebSocketEmitterPool",
    "WrongLoopError",
    "choose",
    "configure_agent_instance_factory",
    "configure_execution_engine_factory",
    "get_agent_class_registry",
    "get_agent_instance_factory",
    "get_execution_engine_factory",
    "health_summary",
    "reset_agent_instance_factory",
    "reset_execution_engine_factory",
    "selected_architecture",
    "validate_user_context",
]
